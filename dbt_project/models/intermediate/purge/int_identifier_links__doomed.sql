{{ config(relation="intermediate.int_identifiers__linked") }}

-- After all relations of people, because they are matched through what is purged here: a night killed before this
-- line finds the subject again, and ends what it began.
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
-- depends_on: {{ ref("int_research_weekly_actives__doomed") }}
-- depends_on: {{ ref("int_research_signup_funnel__doomed") }}
-- depends_on: {{ ref("int_research_revenue__doomed") }}
-- depends_on: {{ ref("int_previous_research_weekly_actives__doomed") }}
-- depends_on: {{ ref("int_previous_research_signup_funnel__doomed") }}
-- depends_on: {{ ref("int_previous_research_revenue__doomed") }}
-- depends_on: {{ ref("int_previous_research_users__doomed") }}
-- depends_on: {{ ref("int_previous_research_events__doomed") }}
-- depends_on: {{ ref("int_previous_research_survey_responses__doomed") }}
{{ doomed_identifier_rows("intermediate.int_identifiers__linked", [
    "subject.identifier_id = kept.identifier_id",
    "subject.identifier_id = kept.linked_id",
]) }}
