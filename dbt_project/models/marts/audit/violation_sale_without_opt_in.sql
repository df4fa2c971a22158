-- What the tables can show of it: an advertising id is there for advertising and nothing else, and the declared party
-- gets it. Whether anything was sent to that party, only the party's side knows.
with disclosed as (
    select distinct
        relation,
        column_name
    from {{ source("governance", "column_uses") }}
    where relation = 'raw.screens' and party = 'advertising_partners' and is_present
),

opted_in as (
    select user_id
    from {{ ref("stg_segment__users") }}
    where user_id is not null and is_advertising_opted_in
),

offenders as (
    select
        disclosed.relation,
        disclosed.column_name,
        count(*) as offenders,
        disclosed.relation || '.' || disclosed.column_name || ' goes to advertising partners with ' || count(*)
        || ' row(s) whose subject never opted in to advertising, by the account or by the device. Send the id only '
        || 'after opt-in and set it to null in these rows, or take the party out of the sources YAML.' as finding
    from disclosed
    inner join {{ ref("stg_segment__screens") }} as screen on screen.advertising_id is not null
    where
        disclosed.column_name = 'context_device_advertising_id'
        and screen.is_ad_tracking_enabled is not true
        and not exists (
            select 1 from opted_in
            where opted_in.user_id = screen.user_id
        )
    group by disclosed.relation, disclosed.column_name
)

{{ not_excepted("offenders", "violation_sale_without_opt_in") }}
