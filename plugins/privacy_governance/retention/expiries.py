"""Up to when the values of columns were looked at for expiry, so that a night reads only what newly expired."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from privacy_governance.warehouse import Connection

# Who is held counts as of the tombstone step and as of now: a hold that ended in between has the next night look again.
REMEMBER = """
with held as (
    select found.ledger_token as token
    from intermediate.int_identifiers__held as held
    inner join intermediate.int_identifiers__tokenized as found
        on held.identifier_kind = found.identifier_kind and held.identifier = found.identifier
    union
    select identifier_token from governance.held_identifiers
),

tokens as (select coalesce(array_agg(token order by token), '{}') as held_tokens from held)

insert into governance.column_expiries (
    relation, column_name, action, expired_until, loaded_until, held_tokens, file_node
)
select
    expiring.relation,
    expiring.column_name,
    max(expiring.action),
    min(expiring.cutoff),
    least(now(), current_setting('governance.night')::timestamp at time zone 'UTC'),
    tokens.held_tokens,
    coalesce(pg_relation_filenode(to_regclass(expiring.relation)), 0)
from intermediate.int_columns__expiring as expiring
cross join tokens
where
    expiring.night = current_setting('governance.night')::date
    and to_regclass(expiring.relation) is not null
group by expiring.relation, expiring.column_name, tokens.held_tokens
on conflict (relation, column_name) do update set
    action = excluded.action,
    expired_until = excluded.expired_until,
    loaded_until = excluded.loaded_until,
    held_tokens = excluded.held_tokens,
    file_node = excluded.file_node
"""
# a column that no rule ends before its row tonight, or that is suspended, is looked at as a whole when one does again
DROP = """
delete from governance.column_expiries as looked
where relation like 'raw.%' and not exists (
    select from intermediate.int_columns__expiring as expiring
    where
        expiring.night = current_setting('governance.night')::date
        and expiring.relation = looked.relation and expiring.column_name = looked.column_name
)
"""
# From now on only the identifiers of rows that go (governance.are_identifiers_known). By the newest receipt, so that
# a night that is run again changes nothing.
IDENTIFIERS = """
insert into governance.column_expiries (
    relation, column_name, action, expired_until, loaded_until, held_tokens, file_node
) values (
    'intermediate.int_identifiers__tokenized', 'identifier', 'redact_column',
    current_setting('governance.night')::timestamp at time zone 'UTC',
    coalesce((select purged_at from governance.purge_receipts order by receipt_id desc limit 1), '-infinity'), '{}', 0
)
on conflict (relation, column_name) do update set
    expired_until = excluded.expired_until, loaded_until = excluded.loaded_until
"""


def remember(connection: Connection) -> None:
    """Remember that tonight's purge is complete, in the caller's transaction: all values past their date are gone.

    Call it after the purge, never before: a night that is killed in between looks at the same rows again, and finds
    them done.
    """
    connection.execute(DROP)
    connection.execute(REMEMBER)
    connection.execute(IDENTIFIERS)


def sweep(connection: Connection, relation: str | None = None) -> int:
    """Let the next night look at all rows of `relation` (None: of every one); returns how many columns that is."""
    return connection.execute(
        "delete from governance.column_expiries where relation = coalesce(%s, relation)", [relation]
    ).rowcount
