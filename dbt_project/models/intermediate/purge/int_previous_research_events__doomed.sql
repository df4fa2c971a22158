{{ config(relation="research_previous.research_events") }}

{{ departed_rows("research_previous", "research_events", clock="occurred_week_on") }}
