select
    relation,
    column_name,
    1::bigint as offenders,
    'the exception to ' || rule || ' for ' || relation || coalesce('.' || column_name, '') || ' expired on '
    || expires_on || '. Mend what it tolerated, or decide anew in governance_exceptions.csv.' as finding
from {{ ref("governance_exceptions") }}
where expires_on < {{ night() }}
