{{ config(relation="research.research_users") }}

{{ departed_rows("research", "research_users") }}
