{{ config(relation="research.research_users") }}

{{ doomed_release_rows("research_users") }}
