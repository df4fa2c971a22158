"""Search the warehouse's own files for bytes: every table, index and TOAST, the statistics, and the WAL.

The server reads its files and hands out counts, so that it works for a server elsewhere and no value leaves it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from privacy_governance.errors import WarehouseError

if TYPE_CHECKING:
    from privacy_governance.warehouse import Connection

PAGE = 8192
CHUNK = 1 << 20
OVERLAP = 64
SEGMENT = 1 << 30
# in the order in which they are told; those that a rewrite has to leave without
MUST_BE_EMPTY = ("heap", "index", "TOAST", "statistics", "catalog")
WAL = "WAL"

NEEDED = (
    "pg_read_binary_file(text, bigint, bigint, boolean)",
    "pg_ls_waldir()",
)

# A tuple never crosses a page, so pages can be searched one by one; a chunk is only cut into pages where it has a hit.
RELATIONS = """
with relations as (
    select
        pg_class.oid,
        case
            when owning.relname in ('pg_statistic', 'pg_statistic_ext_data') then 'statistics'
            when pg_class.relkind = 'i' then 'index'
            when pg_class.relkind = 't' then 'TOAST'
            when pg_namespace.nspname = 'pg_catalog' then 'catalog'
            else 'heap'
        end as place,
        format('%%I.%%I', owning_space.nspname, owning.relname) as relation,
        pg_relation_filepath(pg_class.oid) as path,
        pg_relation_size(pg_class.oid) as bytes
    from pg_class
    inner join pg_namespace on pg_class.relnamespace = pg_namespace.oid
    left join pg_index on pg_class.oid = pg_index.indexrelid
    left join pg_class as toasting
        on toasting.reltoastrelid = coalesce(pg_index.indrelid, pg_class.oid) and toasting.reltoastrelid <> 0
    inner join pg_class as owning on owning.oid = coalesce(toasting.oid, pg_index.indrelid, pg_class.oid)
    inner join pg_namespace as owning_space on owning.relnamespace = owning_space.oid
    where pg_class.relkind in ('r', 'm', 'i', 't', 'S') and pg_class.relpersistence <> 't'
),

chunks as (
    select
        relations.oid,
        pg_read_binary_file(
            relations.path || case when start >= %(segment)s then '.' || start / %(segment)s else '' end,
            start %% %(segment)s, %(chunk)s, true
        ) as bytes
    from relations
    cross join lateral generate_series(0, relations.bytes - 1, %(chunk)s) as start
),

hits as (
    select chunks.oid, count(*) as pages
    from chunks
    cross join lateral generate_series(0, length(chunks.bytes) - 1, %(page)s) as page
    where
        position(%(needle)s::bytea in chunks.bytes) > 0
        and position(%(needle)s::bytea in substring(chunks.bytes from page + 1 for %(page)s)) > 0
    group by chunks.oid
)

select place, relation, sum(hits.pages)::bigint
from hits
inner join relations on hits.oid = relations.oid
group by place, relation
order by array_position(array['heap', 'index', 'TOAST', 'statistics', 'catalog'], place), relation
"""

WAL_FILES = """
select count(*)
from pg_ls_waldir() as file
cross join lateral generate_series(0, file.size - 1, %(chunk)s) as start
where position(%(needle)s::bytea in pg_read_binary_file(
    'pg_wal/' || file.name, start, %(chunk)s + %(overlap)s, true
)) > 0
"""


@dataclass(frozen=True)
class Found:
    """Where the bytes were found: the place, the table it belongs to, and in how many pages (WAL: megabytes)."""

    place: str
    relation: str
    pages: int


def require_rights(connection: Connection) -> None:
    """Make sure that this role may have the server search its files.

    Raises:
        WarehouseError: with every statement that an administrator has to run.

    """
    user, lacking = connection.execute(
        """
        select
            quote_ident(current_user),
            array(
                select 'GRANT EXECUTE ON FUNCTION ' || needed || ' TO ' || quote_ident(current_user) || ';'
                from unnest(%s::text []) as needed
                where not has_function_privilege(needed, 'EXECUTE')
            )
        """,
        [list(NEEDED)],
    ).fetchone() or ("", [])
    rights = connection.execute(
        "select pg_has_role('pg_read_server_files', 'USAGE'), current_setting('server_version_num')::int"
    ).fetchone()
    if rights and not rights[0]:
        lacking = [*lacking, f"GRANT pg_read_server_files TO {user};"]
    may_checkpoint = connection.execute(
        "select coalesce(bool_or(pg_has_role(oid, 'USAGE')), false) from pg_roles"
        " where rolname = 'pg_checkpoint' or (rolname = current_user and rolsuper)"
    ).fetchone()
    if may_checkpoint != (True,):
        lacking = [*lacking, f"GRANT pg_checkpoint TO {user};"]
    if lacking:
        raise WarehouseError(
            f"role {user} may not search the server's files. Run as an administrator, for as long as the proof takes: "
            f"{' '.join(lacking)}"
        )


def search(connection: Connection, needle: str) -> tuple[Found, ...]:
    """Write everything to disk and search all of the database's relations and the WAL for `needle`.

    The connection must be in autocommit. The server holds a megabyte at a time; the rate is that of its memory.
    """
    connection.execute("checkpoint")
    given = {
        "needle": needle.encode(), "chunk": CHUNK, "page": PAGE, "segment": SEGMENT, "overlap": OVERLAP,
    }  # fmt: skip
    found = [Found(*row) for row in connection.execute(RELATIONS, given)]
    (wal,) = connection.execute(WAL_FILES, given).fetchone() or (0,)
    return (*found, Found(WAL, "pg_wal", wal)) if wal else tuple(found)


def alive(connection: Connection, relations: tuple[str, ...], needle: str) -> dict[str, int]:
    """Return the relations in which rows, not only left-over bytes, hold `needle`, and how many."""
    living = {}
    for relation in relations:
        found = connection.execute(
            f"select count(*) from {relation} as entry where position(%s in entry::text) > 0".encode(),  # noqa: S608
            [needle],
        ).fetchone()
        if found and found[0]:
            living[relation] = found[0]
    return living
