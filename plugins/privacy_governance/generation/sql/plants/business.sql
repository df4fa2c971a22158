-- What the business and the privacy desk hold of the planted people.
insert into raw.payments (
    id, user_id, order_id, paid_at, amount, currency, status, card_brand, card_last4, billing_name, billing_postal_code,
    billing_country, processor, processor_token
)
select
    'pay-' || payment.payment_name as id,
    person.id as user_id,
    'order-' || payment.payment_name as order_id,
    payment.paid_at,
    12.50 as amount,
    'USD' as currency,
    'succeeded' as status,
    'visa' as card_brand,
    '4242' as card_last4,
    person.name as billing_name,
    person.address_postal_code as billing_postal_code,
    person.address_country as billing_country,
    'payments.example' as processor,
    'tok_' || payment.payment_name as processor_token
from (
    values
    ('planted_delete', 'usr_planted_delete', pg_temp.as_of_day() - interval '20 days'),
    ('planted_expired', 'usr_planted_expired', pg_temp.as_of_day() - interval '10 years'),
    ('planted_hold', 'usr_planted_hold', pg_temp.as_of_day() - interval '10 years')
) as payment (payment_name, user_id, paid_at)
inner join raw.users as person on payment.user_id = person.id;

insert into raw.support_tickets (id, user_id, opened_at, closed_at, channel, requester_email, subject, body, priority)
values
(
    'tkt-planted_card', 'usr_planted_card', pg_temp.as_of_day() - interval '8 days', null, 'email', 'mona.planted@example.com',
    'Charged twice', 'My card 4111 1111 1111 1111 was charged twice, please look into it.', 'high'
),
(
    'tkt-planted_delete', 'usr_planted_delete', pg_temp.as_of_day() - interval '25 days', pg_temp.as_of_day() - interval '24 days', 'web',
    'uma.planted@example.com', 'Leaving', 'Uma Departing here: please close my account.', 'normal'
),
(
    'tkt-planted_emails', null, pg_temp.as_of_day() - interval '60 days', null, 'email', 'dora.first.planted@example.com',
    'Old address', 'I wrote from my first address and am not signed in.', 'low'
),
(
    'tkt-planted_expired', 'usr_planted_expired', pg_temp.as_of_day() - interval '10 years', null, 'email', 'gus.planted@example.com',
    'Ten years ago', 'Is anybody there?', 'low'
),
(
    'tkt-planted_hold', 'usr_planted_hold', pg_temp.as_of_day() - interval '10 years', null, 'email', 'hana.planted@example.com',
    'The matter in dispute', 'Please keep this message.', 'normal'
);

insert into raw.call_recordings (
    id, user_id, started_at, duration_seconds, direction, phone_number, recording_url, transcript, consented_at
)
select
    'rec-planted_delete' as id,
    person.id as user_id,
    pg_temp.as_of_day() - interval '26 days' as started_at,
    95 as duration_seconds,
    'inbound' as direction,
    person.phone as phone_number,
    'https://recordings.example/planted_delete.ogg' as recording_url,
    'Agent: Good day. Caller: This is Uma Departing.' as transcript,
    pg_temp.as_of_day() - interval '26 days' as consented_at
from raw.users as person
where person.id = 'usr_planted_delete';

insert into raw.survey_responses (id, user_id, submitted_at, survey_name, score, answer)
values
('srv-planted_delete', 'usr_planted_delete', pg_temp.as_of_day() - interval '27 days', 'churn', 2, 'Uma here: too many mails.'),
(
    'srv-planted_card', 'usr_planted_card', pg_temp.as_of_day() - interval '7 days', 'nps', 3,
    'You never answered; my new card is 5555-5555-5555-4444 if it helps.'
);

insert into raw.inferred_preferences (id, user_id, inferred_at, preference, value, confidence, model_version)
values (
    'inf-planted_delete', 'usr_planted_delete', pg_temp.as_of_day() - interval '10 days', 'likely_next_plan', 'team', 0.91, 'preferences-3'
);

insert into raw.legal_holds (hold_id, user_id, email, reason, placed_by, starts_on, ends_on)
values
(
    'hold-planted', 'usr_planted_hold', null, 'Preservation notice in a pending matter', 'legal',
    (pg_temp.as_of_day() - interval '1 year')::date, null
),
(
    'hold-planted-address', null, ' Lou.Planted@Example.com', 'Preservation notice in a pending matter', 'legal',
    (pg_temp.as_of_day() - interval '1 year')::date, null
),
(
    'hold-planted-ended', 'usr_planted_hold_ended', null, 'Preservation notice, matter closed', 'legal',
    (pg_temp.as_of_day() - interval '300 days')::date, (pg_temp.as_of_day() - interval '30 days')::date
);

insert into raw.privacy_requests (
    request_id, received_at, regulation_type, user_id, email, customer, residency, confirmed_at, verified_at, verified_by,
    verification_method, channel, status
)
select
    'req-planted-' || request.request_name as request_id,
    pg_temp.as_of_day() - make_interval(days => request.days_ago) as received_at,
    request.regulation_type,
    request.user_id,
    request.email,
    request.customer,
    'US-CA' as residency,
    pg_temp.as_of_day() - make_interval(days => request.days_ago - 1) as confirmed_at,
    case when request.is_verified then pg_temp.as_of_day() - make_interval(days => request.days_ago - 1) end as verified_at,
    case when request.is_verified then 'privacy_desk' end as verified_by,
    case when request.is_verified then 'email_link' end as verification_method,
    'web_form' as channel,
    case when request.is_verified then 'verified' else 'received' end as status
from (
    values
    ('delete', 12, 'SUPPRESS_WITH_DELETE', 'usr_planted_delete', 'uma.planted@example.com', true, null),
    ('delete-only', 11, 'DELETE_ONLY', 'usr_planted_delete_only', 'vic.planted@example.com', true, null),
    ('unverified', 10, 'SUPPRESS_WITH_DELETE', 'usr_planted_unverified', 'wim.planted@example.com', false, null),
    ('under-hold', 9, 'SUPPRESS_WITH_DELETE', 'usr_planted_hold', 'hana.planted@example.com', true, null),
    ('visitor-under-hold', 9, 'SUPPRESS_WITH_DELETE', null, 'lou.planted@example.com', true, null),
    ('ended-hold', 9, 'DELETE_ONLY', 'usr_planted_hold_ended', 'ivo.planted@example.com', true, null),
    ('unknown-user', 8, 'SUPPRESS_WITH_DELETE', 'usr_planted_nobody', 'unknown.planted@example.com', true, null),
    ('repeated-1', 15, 'DELETE_ONLY', 'usr_planted_repeated', 'xia.planted@example.com', true, null),
    ('repeated-2', 5, 'SUPPRESS_WITH_DELETE', 'usr_planted_repeated', 'xia.planted@example.com', true, null),
    ('three-emails', 7, 'SUPPRESS_WITH_DELETE', 'usr_planted_emails', 'dora.second.planted@example.com', true, null),
    ('alias-chain', 6, 'SUPPRESS_WITH_DELETE', 'usr_planted_alias', 'cleo.planted@example.com', true, null),
    ('customers-data', 4, 'DELETE_ONLY', 'usr_planted_customers', 'gil.planted@example.com', false, 'Planted Holdings')
) as request (request_name, days_ago, regulation_type, user_id, email, is_verified, customer);
