-- One row a person, numbered in the order of sign-up: what the tables share about them.
create temporary table people on commit drop as
with drawn as (
    select
        person_number,
        -- odd factor: a bijection of the number, so ids are unique without a look-up
        'usr_' || lpad(to_hex((person_number * 668265263 + 40503) & 68719476735), 9, '0') as user_id,
        pg_temp.uuid_text(person_number, 1) as anonymous_id,
        pg_temp.uuid_text(person_number, 3) as second_anonymous_id,
        pg_temp.uuid_text(person_number, 5) as device_id,
        pg_temp.uuid_text(person_number, 7) as advertising_id,
        pg_temp.moment((person_number - 0.5) / pg_temp.user_count()) as created_at,
        width_bucket(
            pg_temp.draw(person_number, 10),
            array[0, 0.50, 0.64, 0.74, 0.82, 0.88, 0.92, 0.95, 0.97, 0.98, 0.988, 0.993, 0.996, 0.998]::double precision[]
        ) as country_index,
        pg_temp.skewed_of(
            person_number, 11, array['free', 'team', 'business', 'enterprise'], array[0, 0.60, 0.87, 0.97]
        ) as plan,
        -- 18 to 90, most of them below 45
        18 + floor(22 * pg_temp.draw(person_number, 12) + 50 * power(pg_temp.draw(person_number, 13), 4))::integer as age,
        1 + floor(pg_temp.draw(person_number, 14) * 24)::integer as first_name_index,
        1 + floor(pg_temp.draw(person_number, 15) * 24)::integer as last_name_index,
        pg_temp.skewed_of(person_number, 16, array['female', 'male', 'non_binary', null], array[0, 0.42, 0.83, 0.85]) as gender,
        -- a few large companies and a long tail
        1 + floor(power(pg_temp.draw(person_number, 17), 2) * greatest(3, pg_temp.user_count() / 25))::bigint as company_number
    from generate_series(1, pg_temp.user_count()) as series (person_number)
),

named as (
    select
        *,
        (array['US', 'GB', 'DE', 'FR', 'CA', 'IN', 'BR', 'ES', 'JP', 'PL', 'NZ', 'IS', 'LU', 'MT'])[country_index] as country,
        (array[
            'en-US', 'en-GB', 'de-DE', 'fr-FR', 'en-CA', 'en-IN', 'pt-BR', 'es-ES', 'ja-JP', 'pl-PL', 'en-NZ', 'is-IS',
            'fr-LU', 'mt-MT'
        ])[country_index] as locale,
        (array[
            'America/Chicago', 'Europe/London', 'Europe/Berlin', 'Europe/Paris', 'America/Toronto', 'Asia/Kolkata',
            'America/Sao_Paulo', 'Europe/Madrid', 'Asia/Tokyo', 'Europe/Warsaw', 'Pacific/Auckland', 'Atlantic/Reykjavik',
            'Europe/Luxembourg', 'Europe/Malta'
        ])[country_index] as timezone,
        (array[
            'Springfield', 'Leeds', 'Leipzig', 'Lyon', 'Toronto', 'Pune', 'Recife', 'Sevilla', 'Sendai', 'Łódź', 'Nelson',
            'Akureyri', 'Esch', 'Sliema'
        ])[country_index] as city,
        (array['IL', 'ENG', 'SN', 'ARA', 'ON', 'MH', 'PE', 'AN', 'MG', 'LD', 'NSN', 'NE', 'ES', 'MT'])[country_index] as state,
        (array[
            'Anna', 'James', 'María', 'Wei', 'Olga', 'Jürgen', 'Priya', 'Kenji', 'Chloé', 'Liam', 'Sofia', 'Noah', 'Emma',
            'Lucas', 'Mia', 'Omar', 'Aisha', 'Łukasz', 'Ingrid', 'Pedro', 'Grace', 'Henry', 'Zoë', 'Sam'
        ])[first_name_index] as first_name,
        (array[
            'anna', 'james', 'maria', 'wei', 'olga', 'juergen', 'priya', 'kenji', 'chloe', 'liam', 'sofia', 'noah', 'emma',
            'lucas', 'mia', 'omar', 'aisha', 'lukasz', 'ingrid', 'pedro', 'grace', 'henry', 'zoe', 'sam'
        ])[first_name_index] as first_name_ascii,
        (array[
            'Smith', 'Müller', 'García', 'Chen', 'Kowalska', 'Patel', 'Tanaka', 'Dubois', 'Murphy', 'Rossi', 'Silva', 'Novák',
            'Johnson', 'Brown', 'Jensen', 'Okafor', 'Haddad', 'Wright', 'Nguyen', 'Lopes', 'Ng', 'Sørensen', 'Ivanova', 'Hill'
        ])[last_name_index] as last_name,
        (array[
            'smith', 'mueller', 'garcia', 'chen', 'kowalska', 'patel', 'tanaka', 'dubois', 'murphy', 'rossi', 'silva', 'novak',
            'johnson', 'brown', 'jensen', 'okafor', 'haddad', 'wright', 'nguyen', 'lopes', 'ng', 'sorensen', 'ivanova', 'hill'
        ])[last_name_index] as last_name_ascii
    from drawn
)

select
    person_number,
    user_id,
    anonymous_id,
    second_anonymous_id,
    device_id,
    advertising_id,
    created_at,
    -- last seen: the lapsed before the border, everybody else after it and most of them lately
    case
        when person_number <= pg_temp.lapsed_count()
            then created_at + (pg_temp.border() - created_at) * pg_temp.draw(person_number, 20)
        else greatest(created_at, pg_temp.border()) + (pg_temp.last_moment() - greatest(created_at, pg_temp.border()))
            * power(pg_temp.draw(person_number, 20), 0.3)
    end as last_seen_at,
    country,
    locale,
    timezone,
    city,
    state,
    lpad(floor(pg_temp.draw(person_number, 21) * 100000)::text, 5, '0') as postal_code,
    (1 + floor(pg_temp.draw(person_number, 22) * 240))::text || ' '
    || pg_temp.one_of(person_number, 23, array['High Street', 'Mill Lane', 'Lindenweg', 'Rue du Port', 'Calle Mayor']) as street,
    plan,
    age,
    ((pg_temp.as_of_day() - make_interval(years => age))::date - floor(pg_temp.draw(person_number, 24) * 364)::integer) as birthday,
    gender,
    first_name,
    last_name,
    first_name_ascii || '.' || last_name_ascii || person_number || '@'
    || pg_temp.one_of(person_number, 25, array['example.com', 'example.org', 'example.net', 'mail.example']) as email,
    first_name_ascii || last_name_index || '_' || person_number as username,
    -- 555-0100 to 555-0199 are kept free for fiction; the area code tells people apart as far as it can
    '+1' || (200 + floor(pg_temp.draw(person_number, 26) * 800)::integer) || '55501'
    || lpad(floor(pg_temp.draw(person_number, 27) * 100)::text, 2, '0') as phone,
    pg_temp.skewed_of(
        person_number, 28,
        array['Engineer', 'Analyst', 'Manager', 'Designer', 'Director', 'Founder', 'Teacher', 'Nurse', 'Notary'],
        array[0, 0.34, 0.55, 0.72, 0.84, 0.91, 0.95, 0.98, 0.995]
    ) as title,
    company_number,
    'acc_' || lpad(company_number::text, 7, '0') as company_id,
    pg_temp.skewed_of(
        person_number, 29,
        array[
            'Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/131.0', 'Mozilla/5.0 (Macintosh; Intel Mac OS X 14_6) Safari/605.1',
            'Mozilla/5.0 (iPhone; CPU iPhone OS 18_1) Mobile/15E148', 'Mozilla/5.0 (Linux; Android 15; Pixel 9) Chrome/131.0',
            'Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Firefox/133.0', 'Mozilla/5.0 (X11; OpenBSD amd64; rv:128.0) Firefox/128.0'
        ],
        array[0, 0.41, 0.62, 0.80, 0.94, 0.998]
    ) as user_agent,
    -- 198.18.0.0/15 is kept for benchmarks: no address of anybody
    '198.' || (18 + floor(pg_temp.draw(person_number, 30) * 2)::integer) || '.'
    || floor(pg_temp.draw(person_number, 31) * 256)::integer || '.' || floor(pg_temp.draw(person_number, 32) * 256)::integer as ip,
    'REF-' || upper(substr(pg_temp.digits(person_number, 33), 1, 8)) as reference_number,
    pg_temp.draw(person_number, 34) < 0.55 as marketing_opt_in,
    pg_temp.draw(person_number, 35) < 0.18 as advertising_opt_in,
    pg_temp.skewed_of(
        person_number, 36, array[null, 'spring_launch', 'webinar_privacy', 'partner_referral'], array[0, 0.6, 0.82, 0.94]
    ) as campaign_name
from named;

create temporary table companies on commit drop as
select
    company_number,
    'acc_' || lpad(company_number::text, 7, '0') as company_id,
    pg_temp.one_of(company_number, 40, array['Northwind', 'Blue Harbor', 'Quartz', 'Lumen', 'Redwood', 'Orbit', 'Fable'])
    || ' ' || pg_temp.one_of(company_number, 41, array['Labs', 'Retail', 'Health', 'Logistics', 'Media', 'Partners'])
    || ' ' || company_number as company_name,
    pg_temp.skewed_of(
        company_number, 42,
        array['software', 'retail', 'finance', 'education', 'health', 'logistics', 'mining'],
        array[0, 0.38, 0.60, 0.76, 0.88, 0.95, 0.99]
    ) as industry,
    (5 * power(10, 3.5 * pg_temp.draw(company_number, 43)))::integer as employees,
    pg_temp.skewed_of(company_number, 44, array['free', 'team', 'business', 'enterprise'], array[0, 0.4, 0.75, 0.95]) as plan,
    pg_temp.skewed_of(company_number, 45, array['US', 'GB', 'DE', 'FR', 'CA'], array[0, 0.5, 0.7, 0.85, 0.93]) as country,
    min(created_at) as created_at,
    max(last_seen_at) as last_seen_at
from people
group by company_number;

create unique index on people (person_number);
analyze people;
analyze companies;
