{{ config(relation="raw.legal_holds") }}

{{ doomed_source_rows("privacy_desk", "legal_holds") }}
