{{ config(relation="intermediate.int_subjects__tokenized") }}

-- The last to go, because the other relations are matched through it: a night killed before this line finds the
-- subject again, and ends what it began.
-- depends_on: {{ ref("int_identifies__doomed") }}
-- depends_on: {{ ref("int_users__doomed") }}
-- depends_on: {{ ref("int_groups__doomed") }}
-- depends_on: {{ ref("int_aliases__doomed") }}
-- depends_on: {{ ref("int_tracks__doomed") }}
-- depends_on: {{ ref("int_pages__doomed") }}
-- depends_on: {{ ref("int_screens__doomed") }}
-- depends_on: {{ ref("int_signed_up__doomed") }}
-- depends_on: {{ ref("int_order_completed__doomed") }}
-- depends_on: {{ ref("int_feature_used__doomed") }}
-- depends_on: {{ ref("int_payments__doomed") }}
-- depends_on: {{ ref("int_support_tickets__doomed") }}
-- depends_on: {{ ref("int_call_recordings__doomed") }}
-- depends_on: {{ ref("int_survey_responses__doomed") }}
-- depends_on: {{ ref("int_inferred_preferences__doomed") }}
-- depends_on: {{ ref("int_privacy_requests__doomed") }}
-- depends_on: {{ ref("int_legal_holds__doomed") }}
-- depends_on: {{ ref("int_research_users__doomed") }}
-- depends_on: {{ ref("int_research_events__doomed") }}
-- depends_on: {{ ref("int_research_survey_responses__doomed") }}
{{ doomed_rows(ref("int_subjects__tokenized"), "subject_id", "subject_id", none) }}
