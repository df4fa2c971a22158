select
    subject.research_token as subject_token,
    payment.paid_at,
    payment.amount,
    payment.currency_code
from {{ ref("stg_business__payments") }} as payment
inner join {{ ref("int_subjects__surviving") }} as subject on payment.user_id = subject.subject_id
where payment.payment_status = 'succeeded'
