{{ config(relation="research_previous.research_users") }}

{{ departed_rows("research_previous", "research_users") }}
