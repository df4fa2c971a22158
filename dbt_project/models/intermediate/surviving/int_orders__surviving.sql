select
    subject.research_token as subject_token,
    completed.order_event_id,
    completed.user_id,
    completed.received_at,
    completed.order_id,
    completed.product_name,
    completed.product_category,
    completed.quantity,
    completed.revenue,
    completed.currency_code,
    completed.coupon
from {{ ref("stg_segment__order_completed") }} as completed
inner join {{ ref("int_subjects__surviving") }} as subject on completed.user_id = subject.subject_id
