"""What the schemas of releases hold, and how tables move between them with what readers may do.

A candidate's table that nothing changes is a view on the release's, and so it is for the release that is kept. One that
only grows is a view on the release's and on what is new, in a table beside it; publishing appends that to the release's
table, and the release that is kept shows what it held before.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from psycopg import sql

from privacy_governance.warehouse.catalog import BEFORE, CLOSED
from privacy_governance.warehouse.roles import JOB_ROLE

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Mapping

    from privacy_governance.warehouse import Connection

CANDIDATE = "research_candidate"
RELEASE = "research"
# what stood before the release; closed to readers, purged like the release
PREVIOUS = "research_previous"
# readers' open queries delay a swap; beyond this the step fails and is tried again
LOCK_TIMEOUT = "30s"

GRANTS = """
select
    case when acl.grantee = 0 then null else acl.grantee::regrole::text end,
    acl.privilege_type
from pg_class as relation
cross join lateral aclexplode(relation.relacl) as acl
where relation.oid = format('%%I.%%I', %s::text, %s::text)::regclass and acl.grantee <> relation.relowner
"""


def relations_in(connection: Connection, schema: str) -> tuple[str, ...]:
    """Names of the tables in `schema`, and of views on the release's, sorted; none where there is no such schema."""
    return tuple(sorted(name for name in _kinds(connection, schema) if not name.endswith((CLOSED, BEFORE))))


def views_in(connection: Connection, schema: str) -> frozenset[str]:
    """Names of the views in `schema`: what the release's table of that name holds, did before, or is to hold."""
    kinds = _kinds(connection, schema)
    return frozenset(name for name in relations_in(connection, schema) if kinds[name] == "v")


def growing_in(connection: Connection, schema: str) -> frozenset[str]:
    """Names of the views in `schema` that show more than the release's table of that name: what is new, beside it."""
    return frozenset(
        name.removesuffix(CLOSED) for name in _kinds(connection, schema) if name.endswith(CLOSED)
    ) & views_in(connection, schema)


def _kinds(connection: Connection, schema: str) -> dict[str, str]:
    return dict(
        connection.execute(
            "select relname::text, relkind::text from pg_class"
            " where relnamespace = to_regnamespace(%s) and relkind in ('r', 'p', 'v')",
            [schema],
        ).fetchall()
    )


@dataclass(frozen=True)
class Content:
    """What a table holds: its columns with their types, how many rows, and sums of hashes of the rows, in any order."""

    columns: tuple[tuple[str, str], ...]
    rows: int
    sums: tuple[str, ...]


def content_of(connection: Connection, schema: str, name: str) -> Content:
    """Read all of a table or view of `schema`."""
    columns = connection.execute(
        "select attname::text, format_type(atttypid, atttypmod) from pg_attribute"
        " where attrelid = format('%%I.%%I', %s::text, %s::text)::regclass and attnum > 0 and not attisdropped"
        " order by attnum",
        [schema, name],
    ).fetchall()
    rows, *sums = connection.execute(
        sql.SQL(
            "select count(*), sum(hash_record_extended(t, 0)), sum(hash_record_extended(t, 1)) from {} as t"
        ).format(sql.Identifier(schema, name))
    ).fetchone() or (0,)
    return Content(tuple(columns), rows, tuple(str(part) for part in sums))


def contents(connection: Connection, schema: str) -> dict[str, Content]:
    """Return what every table and view of `schema` holds, by name."""
    return {name: content_of(connection, schema, name) for name in relations_in(connection, schema)}


def digest_of(held: Mapping[str, Content]) -> str:
    """Return a digest of tables by name: of their columns, types and rows in any order."""
    content = [[name, each.columns, each.rows, each.sums] for name, each in sorted(held.items())]
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()


def content_digest(connection: Connection, schema: str) -> tuple[str, int]:
    """Return the digest of every table of `schema`, and the rows in all."""
    held = contents(connection, schema)
    return digest_of(held), sum(each.rows for each in held.values())


def holds(connection: Connection, schema: str, wanted: Mapping[str, Content], *, known: Container[str] = ()) -> bool:
    """Whether `schema` is as `wanted`, tables `known` to be so left out; counted first, as hashing takes longer."""
    if set(relations_in(connection, schema)) != wanted.keys():
        return False
    asked = [name for name in wanted if name not in known]
    for name in asked:
        count = sql.SQL("select count(*) from {}").format(sql.Identifier(schema, name))
        if connection.execute(count).fetchone() != (wanted[name].rows,):
            return False
    return all(content_of(connection, schema, name) == wanted[name] for name in asked)


def drop_all(connection: Connection, schema: str) -> None:
    """Drop the tables and views of `schema`, the views first: they read the tables."""
    for name, kind in sorted(_kinds(connection, schema).items(), key=lambda each: each[1] != "v"):
        what = sql.SQL("view" if kind == "v" else "table")
        connection.execute(sql.SQL("drop {} {}").format(what, sql.Identifier(schema, name)))


def move(connection: Connection, name: str, source: str, target: str) -> None:
    """Move a table or view from `source` to `target`, where there is none of its name."""
    connection.execute(
        sql.SQL("alter table {} set schema {}").format(sql.Identifier(source, name), sql.Identifier(target))
    )


def keep_standing(connection: Connection, name: str) -> None:
    """Let the release that is kept show the table that stands, which both have: a view on it, closed to readers."""
    kept = sql.Identifier(PREVIOUS, name)
    connection.execute(sql.SQL("create view {} as select * from {}").format(kept, sql.Identifier(RELEASE, name)))
    connection.execute(sql.SQL("alter view {} owner to {}").format(kept, sql.Identifier(JOB_ROLE)))


def append(connection: Connection, name: str) -> None:
    """Append what is new to the release's table, and let the release that is kept show what it held before."""
    closed = sql.Identifier(CANDIDATE, name + CLOSED)
    connection.execute(sql.SQL("insert into {} select * from {}").format(sql.Identifier(RELEASE, name), closed))
    connection.execute(sql.SQL("drop table {}").format(closed))
    take_grants(connection, CANDIDATE, [name + BEFORE])
    move(connection, name + BEFORE, CANDIDATE, PREVIOUS)
    rename(connection, PREVIOUS, name + BEFORE, name)


def keep_apart(connection: Connection) -> None:
    """Give the release that is kept a table of its own where it shows less than the release's table has."""
    for name in views_in(connection, PREVIOUS):
        kept, standing, before = (
            sql.Identifier(PREVIOUS, name),
            sql.Identifier(RELEASE, name),
            sql.Identifier(PREVIOUS, name + BEFORE),
        )
        count = sql.SQL("select (select count(*) from {}) < (select count(*) from {})").format(kept, standing)
        if connection.execute(count).fetchone() != (True,):
            continue
        rename(connection, PREVIOUS, name, name + BEFORE)
        connection.execute(sql.SQL("create table {} (like {} including all)").format(kept, standing))
        connection.execute(sql.SQL("insert into {} select * from {}").format(kept, before))
        connection.execute(sql.SQL("drop view {}").format(before))


def rename(connection: Connection, schema: str, name: str, other: str) -> None:
    """Rename a table or view of `schema`."""
    connection.execute(
        sql.SQL("alter table {} rename to {}").format(sql.Identifier(schema, name), sql.Identifier(other))
    )


def take_grants(connection: Connection, schema: str, names: Iterable[str]) -> set[tuple[str | None, str]]:
    """Revoke what others than the owners may do on tables of `schema`; return it as (role, privilege).

    The role is None where everybody may.
    """
    taken: set[tuple[str | None, str]] = set()
    for name in names:
        for role, privilege in connection.execute(GRANTS, [schema, name]).fetchall():
            _change(connection, "revoke {} on {} from {}", privilege, sql.Identifier(schema, name), role)
            taken.add((role, privilege))
    return taken


def grant(connection: Connection, schema: str, grants: set[tuple[str | None, str]]) -> None:
    """Let roles do on every table of `schema` what they could do elsewhere."""
    for name in relations_in(connection, schema):
        for role, privilege in sorted(grants, key=str):
            _change(connection, "grant {} on {} to {}", privilege, sql.Identifier(schema, name), role)


def _change(connection: Connection, statement: str, privilege: str, table: sql.Identifier, role: str | None) -> None:
    # regrole has quoted the role already, and privileges are PostgreSQL's own words
    grantee = sql.SQL("public") if role is None else sql.SQL(role)
    connection.execute(sql.SQL(statement).format(sql.SQL(privilege), table, grantee))
