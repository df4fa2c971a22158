{{ config(relation="research_previous.research_revenue") }}

{{ expired_cells("research_previous", "research_revenue") }}
