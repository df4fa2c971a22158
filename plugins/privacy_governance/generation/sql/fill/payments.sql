-- One payment an order, with what the processor hands back of the card.
insert into raw.payments (
    id, user_id, order_id, paid_at, amount, currency, status, card_brand, card_last4, billing_name, billing_postal_code,
    billing_country, processor, processor_token
)
select
    'pay-' || event.n as id,
    person.user_id,
    paid.order_id,
    paid.received_at + interval '5 seconds' as paid_at,
    paid.revenue as amount,
    paid.currency,
    pg_temp.skewed_of(event.n, 240, array['succeeded', 'refunded', 'failed'], array[0, 0.94, 0.97]) as status,
    pg_temp.skewed_of(event.n, 241, array['visa', 'mastercard', 'amex', 'jcb'], array[0, 0.52, 0.86, 0.97]) as card_brand,
    lpad(floor(pg_temp.draw(person.person_number, 242) * 10000)::text, 4, '0') as card_last4,
    person.first_name || ' ' || person.last_name as billing_name,
    person.postal_code as billing_postal_code,
    person.country as billing_country,
    'payments.example' as processor,
    'tok_' || pg_temp.digits(person.person_number, 243) as processor_token
from pg_temp.events(162, pg_temp.user_count()) as event
inner join people as person on event.person_number = person.person_number
inner join raw.order_completed as paid on paid.order_id = 'order-' || event.n;
