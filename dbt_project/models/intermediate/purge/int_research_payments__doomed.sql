{{ config(relation="research.research_payments") }}

{{ doomed_release_rows("research_payments", clock="paid_month_on") }}
