with monthly as (
    select
        subject_token,
        currency_code,
        date_trunc('month', paid_at at time zone 'UTC')::date as paid_month_on,
        case
            when amount < 20 then 'under 20'
            when amount < 50 then '20 to 49.99'
            when amount < 100 then '50 to 99.99'
            when amount < 500 then '100 to 499.99'
            else '500 and over'
        end as amount_band,
        count(*) as payments
    from {{ ref("int_payments__surviving") }}
    group by subject_token, currency_code, paid_month_on, amount_band
),

classed as (
    select
        monthly.*,
        {{ class_size(["monthly.currency_code", "monthly.paid_month_on", "monthly.amount_band"]) }} as class_size
    from monthly
    inner join {{ ref("research_users") }} as subject on monthly.subject_token = subject.subject_token
    where monthly.paid_month_on >= {{ retention_cutoff("research.research_payments") }}
)

select
    subject_token,
    currency_code,
    paid_month_on,
    amount_band,
    payments
from classed
where class_size >= {{ var("k") }}
