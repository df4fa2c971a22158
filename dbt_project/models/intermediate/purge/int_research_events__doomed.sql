{{ config(relation="research.research_events") }}

{{ departed_rows("research", "research_events", clock="occurred_week_on") }}
