{{ config(relation="raw.support_tickets") }}

{{ doomed_source_rows("business", "support_tickets") }}
