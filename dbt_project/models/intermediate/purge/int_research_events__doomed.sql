{{ config(relation="research.research_events") }}

{{ doomed_release_rows("research_events", clock="occurred_week_on") }}
