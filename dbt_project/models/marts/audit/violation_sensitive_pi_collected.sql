with offenders as (
    select distinct
        used.relation,
        used.column_name,
        1 as offenders,
        used.relation || '.' || used.column_name || ' holds ' || kind.label || ', which the notice asks people not to '
        || 'share. Stop collecting it and drop the column, or record an exception in governance_exceptions.csv.'
            as finding
    from {{ source("governance", "column_uses") }} as used
    inner join {{ ref("sensitive_kinds") }} as kind on used.sensitive_kind = kind.sensitive_kind
    where
        used.is_present
        and kind.is_not_asked_for
        and {{ night() }} >= kind.valid_from
        and (kind.valid_to is null or {{ night() }} < kind.valid_to)
)

{{ not_excepted("offenders", "violation_sensitive_pi_collected") }}
