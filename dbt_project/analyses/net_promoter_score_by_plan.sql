-- How satisfied each plan is: share of promoters less share of detractors, in points, by quarter.
-- Answers without a score are no part of it.
select
    response.submitted_quarter_on,
    person.plan,
    sum(response.responses) as responses,
    round(
        100.0 * (
            coalesce(sum(response.responses) filter (where response.score_band = '9 to 10'), 0)
            - coalesce(sum(response.responses) filter (where response.score_band = '0 to 6'), 0)
        ) / sum(response.responses)
    ) as net_promoter_score
from research.research_survey_responses as response
inner join research.research_users as person on response.subject_token = person.subject_token
where response.score_band <> 'no score'
group by response.submitted_quarter_on, person.plan
order by response.submitted_quarter_on, person.plan
