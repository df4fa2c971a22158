{{ config(relation="research_previous.research_weekly_actives") }}

{{ expired_cells("research_previous", "research_weekly_actives") }}
