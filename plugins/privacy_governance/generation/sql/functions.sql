-- Randomness and time for one session. `seed`, `user_count` and the four moments stand beside these as pg_temp functions of
-- one constant each, so that every other file is plain SQL; all inline, so a draw costs one hash.

-- A number in [0, 1) that depends on nothing but the row, the question asked of it (salt) and the seed.
create function pg_temp.draw(n bigint, salt integer) returns double precision
language sql immutable parallel safe
return (hashint8extended(n, pg_temp.seed() * 4096 + salt) & 9007199254740991)::double precision / 9007199254740992;

-- 16 hexadecimal digits.
create function pg_temp.digits(n bigint, salt integer) returns text
language sql immutable parallel safe
return lpad(to_hex(hashint8extended(n, pg_temp.seed() * 4096 + salt)), 16, '0');

create function pg_temp.uuid_text(n bigint, salt integer) returns text
language sql immutable parallel safe
return (pg_temp.digits(n, salt) || pg_temp.digits(n, salt + 1))::uuid::text;

-- One of the values, each as likely as the next.
create function pg_temp.one_of(n bigint, salt integer, choices text[]) returns text
language sql immutable parallel safe
return choices[1 + floor(pg_temp.draw(n, salt) * cardinality(choices))::integer];

-- One of the values; starts_at holds where in [0, 1) each one's share starts.
create function pg_temp.skewed_of(n bigint, salt integer, choices text[], starts_at double precision[]) returns text
language sql immutable parallel safe
return choices[width_bucket(pg_temp.draw(n, salt), starts_at)];

-- People are numbered in the order they signed up. The first 2 % did so more than 24 months ago, and 1.2 % were
-- never seen since: what retention will take, and less than the nightly limit of a purge.
create function pg_temp.early_count() returns bigint
language sql immutable parallel safe
return ceil(pg_temp.user_count() * 0.02)::bigint;

create function pg_temp.lapsed_count() returns bigint
language sql immutable parallel safe
return floor(pg_temp.user_count() * 0.012)::bigint;

-- What a column's own period ended before the night (retention_rules.csv) was redacted by the nights before: fill/ leaves
-- IP addresses out after 90 days, and keeps three characters of postal codes in calls after 12 months.

-- A share in [0, 1) of the layer's events or people, as a moment: 2 % before the border, the rest after it.
create function pg_temp.moment(share double precision) returns timestamptz
language sql stable parallel safe
return case
    when share < 0.02 then pg_temp.first_moment() + (pg_temp.border() - pg_temp.first_moment()) * (share / 0.02)
    else pg_temp.border() + (pg_temp.last_moment() - pg_temp.border()) * ((share - 0.02) / 0.98)
end;

-- Events in the order of time: their number, when, and the number of a person who had signed up by then.
-- `offset 0` has the planner work each of them out once, not wherever a column names it.
create function pg_temp.events(salt integer, total bigint)
returns table (n bigint, happened_at timestamptz, person_number bigint)
language sql stable parallel safe
begin atomic
    select
        placed.n,
        pg_temp.moment(placed.share) as happened_at,
        case
            when placed.share < 0.02::double precision
                then 1 + floor(placed.lot * pg_temp.early_count() * (placed.share / 0.02::double precision))::bigint
            else
                1 + pg_temp.lapsed_count() + floor(
                    placed.lot * (
                        pg_temp.early_count() - pg_temp.lapsed_count()
                        + (pg_temp.user_count() - pg_temp.early_count())
                        * ((placed.share - 0.02::double precision) / 0.98::double precision)
                    )
                )::bigint
        end as person_number
    from (
        select
            series.n,
            (series.n - 0.5::double precision) / total as share,
            pg_temp.draw(series.n, salt) as lot
        from generate_series(1, total) as series (n)
        offset 0
    ) as placed
    offset 0;
end;
