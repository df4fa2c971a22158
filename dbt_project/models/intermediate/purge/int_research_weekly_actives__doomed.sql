{{ config(relation="research.research_weekly_actives") }}

{{ expired_cells("research", "research_weekly_actives") }}
