{{ config(relation="research.research_revenue") }}

{{ expired_cells("research", "research_revenue") }}
