with source as (
    {{ declared_rows('business', 'support_tickets') }}
)

select
    id as ticket_id,
    nullif(user_id, '') as user_id,
    opened_at,
    closed_at,
    channel,
    {{ comparable_identifier("email", "requester_email") }} as requester_email,
    subject as ticket_subject,
    body as ticket_body,
    priority,
    satisfaction_rating
from source
