-- The latest traits of every organisation.
insert into raw.accounts (id, received_at, created_at, name, industry, employees, plan, website, address_country, uuid_ts)
select
    company_id as id,
    last_seen_at + interval '0.9 seconds' as received_at,
    created_at,
    company_name as name,
    industry,
    employees,
    plan,
    'https://' || replace(lower(company_name), ' ', '-') || '.example' as website,
    country as address_country,
    last_seen_at + interval '6 hours' as uuid_ts
from companies;
