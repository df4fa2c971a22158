"""The report's questions to the warehouse. `{night}` is filled with a literal: what is shown is what ran."""

from __future__ import annotations

from dataclasses import dataclass

FIRST = 50  # of a long list; the query without its last line gives the rest


@dataclass(frozen=True)
class Question:
    """A query and the relations it needs."""

    needs: tuple[str, ...]
    sql: str


RECORDED = Question(
    ("governance.nights",),
    """
select
    state,
    violations,
    candidate_digest,
    decided_at,
    (select night from governance.nights order by decided_at desc, night desc limit 1) as decided_last
from governance.nights as this_night
where night = {night}
""",
)

REQUEST_STATES = Question(
    ("governance.deletion_requests",),
    """
select state, count(*)
from governance.deletion_requests
group by state
order by array_position(
    array['received', 'verified', 'in review', 'on hold', 'tombstoned', 'carried out', 'refused', 'routed'], state
)
""",
)

OPEN_REQUESTS = Question(
    ("governance.deletion_requests",),
    """
select
    request_id,
    regulation_type,
    state,
    (received_at at time zone 'UTC')::date,
    confirm_by,
    due_on,
    due_on - {night},
    count(*) over ()
from governance.deletion_requests
where state not in ('carried out', 'refused')
order by due_on, request_id
limit {first}
""",
)

REFUSALS = Question(
    ("governance.deletion_requests",),
    """
select refusal, count(*)
from governance.deletion_requests
where state = 'refused'
group by refusal
order by count(*) desc, refusal
""",
)

COVERAGE = Question(
    ("governance.column_tags",),
    """
select split_part(relation, '.', 1), identifiability, count(*)
from governance.column_tags
group by split_part(relation, '.', 1), identifiability
order by 1, 2
""",
)

UNKNOWN_COLUMNS = Question(
    ("governance.column_tags",),
    """
select relation, column_name, reason, count(*) over ()
from governance.column_tags
where identifiability = 'unknown'
order by relation, column_name
limit {first}
""",
)

RELEASED_COLUMNS = Question(
    ("governance.column_tags",),
    r"""
select relation, column_name, categories, identifiability, path, reason
from governance.column_tags
where relation like 'research\_candidate.%'
order by
    array_position(array['unknown', 'direct', 'quasi', 'pseudonymous', 'aggregate', 'none'], identifiability),
    relation,
    column_name
""",
)

TAGS = Question(
    ("governance.column_tags",),
    """
select
    relation || '.' || column_name,
    identifiability || coalesce(': ' || nullif(array_to_string(categories, ', '), ''), '')
from governance.column_tags
order by 1
""",
)

RELEASES = Question(
    ("governance.releases",),
    """
select release_id, night, relations, released_rows, content_digest, published_at
from governance.releases
order by release_id desc
limit 10
""",
)

SUITES = Question(
    ("audit.validation_results",),
    """
select
    suite,
    count(*) filter (where is_met),
    count(*) filter (where not is_met and severity <> 'warning'),
    count(*) filter (where not is_met and severity = 'warning')
from audit.validation_results
where night = {night}
group by suite
order by suite
""",
)

UNMET = Question(
    ("audit.validation_results",),
    """
select suite, expectation, relation, column_name, observed, severity
from audit.validation_results
where night = {night} and not is_met
order by severity = 'warning', suite, relation, column_name, expectation
limit {first}
""",
)

EXCEPTIONS = Question(
    ("governance.governance_exceptions",),
    """
select rule, relation, column_name, reason, approver, approved_on, expires_on, expires_on - {night}
from governance.governance_exceptions
order by expires_on, rule, relation, column_name
""",
)

VIOLATION_TABLES = r"""
select relation.relname::text
from pg_class as relation
inner join pg_namespace as namespace on relation.relnamespace = namespace.oid
where
    namespace.nspname = 'audit'
    and relation.relkind in ('r', 'v', 'm')
    and relation.relname like 'violation\_%'
order by relation.relname
"""

COUNT_OF_RULE = "select {name} as rule, count(*), coalesce(sum(offenders), 0)::bigint from audit.{table}"

FIRST_OF_RULE = """
select relation, column_name, offenders, finding
from audit.{table}
order by offenders desc, relation, column_name
limit {first}
"""

STANDING_TABLE = """select
    {relation} as relation,
    governance.released_rows({table}) as rows_now,
    (
        select coalesce(sum(purged_rows), 0)::bigint
        from governance.purge_receipts
        where relation = {relation} and purged_at > {published_at}
    ) as purged_since"""
