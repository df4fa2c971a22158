select
    subject.research_token as subject_token,
    response.response_id,
    response.user_id,
    response.survey_name,
    response.submitted_at,
    response.score,
    response.answer
from {{ ref("stg_business__survey_responses") }} as response
inner join {{ ref("int_subjects__surviving") }} as subject on response.user_id = subject.subject_id
