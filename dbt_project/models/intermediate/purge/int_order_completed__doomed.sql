{{ config(relation="raw.order_completed") }}

{{ doomed_source_rows("segment", "order_completed") }}
