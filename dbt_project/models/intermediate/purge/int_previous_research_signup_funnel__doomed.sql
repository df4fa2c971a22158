{{ config(relation="research_previous.research_signup_funnel") }}

{{ expired_cells("research_previous", "research_signup_funnel") }}
