{{ config(relation="research.research_signup_funnel") }}

{{ expired_cells("research", "research_signup_funnel") }}
