{{ config(relation="raw.privacy_requests") }}

{{ doomed_source_rows("privacy_desk", "privacy_requests") }}
