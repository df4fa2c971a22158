-- Who buys: orders a subject, by country and age. Divides by all subjects of the class, also those without an order.
with orders as (
    select
        subject_token,
        sum(events) as orders
    from research.research_events
    where event_name = 'order_completed'
    group by subject_token
)

select
    person.country_code,
    person.age_band,
    count(*) as subjects,
    coalesce(sum(orders.orders), 0) as orders,
    round(coalesce(sum(orders.orders), 0) / count(*), 2) as orders_per_subject
from research.research_users as person
left join orders on person.subject_token = orders.subject_token
group by person.country_code, person.age_band
order by orders_per_subject desc, person.country_code asc, person.age_band asc
