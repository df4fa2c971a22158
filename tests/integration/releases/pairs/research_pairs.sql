{{ config(
    materialized="ephemeral",
    meta={
        "quasi_identifiers": ["survey_name", "score_band", "mood"],
        "sensitive_attributes": ["score_band", "mood"],
    }
) }}
select survey_name, score_band, mood from public.pairs
