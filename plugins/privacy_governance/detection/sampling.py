"""A bounded sample of one relation in one scan: some pages at random, and the newest pages.

The sample holds live personal values. They stay in this process's memory, are never logged and leave no trace
in an error (the warehouse's errors carry no values either).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from psycopg import sql

from privacy_governance.errors import WarehouseError

if TYPE_CHECKING:
    from privacy_governance.warehouse import Connection

MAXIMUM_CELLS = 200_000  # rows x columns held at once: 1,600 columns are sampled with 125 rows
TEXT_LENGTH = 500  # characters of a value
JSON_LENGTH = 4_000  # a document cut short can't be parsed and is read as text
PAGES = 2_000  # read in full up to here (16 MB); more pages than this are sampled
SPREAD = 8  # pages to read per page's worth of rows wanted: neighbours resemble each other
EXTENSION = 64  # pages by which PostgreSQL 16+ may have grown the table beyond its last row
NEWEST_SHARE = 0.25  # of the sample: a column that events began to fill yesterday is null everywhere else

CLASSES = {
    "bool": "boolean", "bytea": "binary", "json": "json", "jsonb": "json", "inet": "inet", "cidr": "other",
    "uuid": "uuid", "date": "date", "timestamp": "timestamp", "timestamptz": "timestamp", "time": "timestamp",
    "timetz": "timestamp", "interval": "timestamp", "int2": "number", "int4": "number", "int8": "number",
    "numeric": "number", "float4": "number", "float8": "number", "money": "number", "oid": "number",
    "text": "text", "varchar": "text", "bpchar": "text", "name": "text", "citext": "text", "macaddr": "text",
    "point": "other",
}  # fmt: skip


@dataclass(frozen=True)
class Column:
    """A live column: its name, its type as SQL prints it, and the class of that type."""

    name: str
    data_type: str
    types: str


@dataclass(frozen=True)
class Sample:
    """Rows of one relation, column by column; values as text, cut to a bounded length, None for null."""

    relation: str
    columns: tuple[Column, ...]
    rows: int
    values: tuple[tuple[str | None, ...], ...]


@dataclass(frozen=True)
class Place:
    """Where a relation lies: names, `pg_class.relkind`, pages, and rows a page by the statistics or 0."""

    schema: str
    table: str
    kind: str
    pages: int
    density: float

    @property
    def name(self) -> sql.Identifier:
        """The relation's name, quoted."""
        return sql.Identifier(self.schema, self.table)


def take(connection: Connection, relation: str, *, rows: int, seed: int) -> Sample:
    """Sample `relation`, written as in SQL (`raw.users`, `raw."Mixed"`), with about `rows` rows.

    Large tables are sampled with TABLESAMPLE SYSTEM (pages, so the cost doesn't grow with the table), thinned
    by `random()` under `seed`, together with the newest pages; small ones are read in full; a view, which has
    no pages of its own, gives its first rows. At most `MAXIMUM_CELLS` values come back, each cut to
    `TEXT_LENGTH` characters.

    Raises:
        WarehouseError: no such relation, or no right to read it.

    """
    place = find(connection, relation)
    columns = read_columns(connection, place)
    if not columns:
        return Sample(relation, (), 0, ())
    wanted = max(1, min(rows, MAXIMUM_CELLS // len(columns)))
    connection.execute("select setseed(%s)", (math.sin(seed),))
    picked = sql.SQL(", ").join(expression(column) for column in columns)
    query = statement(connection, place, picked, wanted, seed)
    fetched = connection.execute(query).fetchall()
    values = tuple(tuple(column) for column in zip(*fetched, strict=True)) if fetched else tuple(() for _ in columns)
    return Sample(relation, columns, len(fetched), values)


def find(connection: Connection, relation: str) -> Place:
    """Look a relation up in the catalog; a partitioned one has the pages of its partitions."""
    row = connection.execute(
        """
        select n.nspname, c.relname, c.relkind::text,
               (select coalesce(sum(pg_relation_size(leaf)), 0) / current_setting('block_size')::int
                from (select c.oid as leaf where c.relkind <> 'p'
                      union all
                      select relid::oid from pg_partition_tree(c.oid)
                       where c.relkind = 'p' and isleaf) leaves)::bigint,
               case when c.reltuples > 0 and c.relpages > 0 then c.reltuples / c.relpages else 0 end
        from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where c.oid = to_regclass(%s) and c.relkind in ('r', 'p', 'm', 'v', 'f')
        """,
        (relation,),
    ).fetchone()
    if row is None:
        raise WarehouseError(
            f"detect personal columns: there is no table or view {relation}. "
            'Name it as in SQL, schema first, mixed case in quotes: raw."Mixed".'
        )
    return Place(*row)


def read_columns(connection: Connection, place: Place) -> tuple[Column, ...]:
    """Return the live columns in order; a domain counts as its base type, an array or composite as JSON."""
    rows = connection.execute(
        """
        with recursive base as (
            select a.attnum, a.attname, format_type(a.atttypid, a.atttypmod) as written, a.atttypid as type
            from pg_attribute a
            where a.attrelid = format('%%I.%%I', %s::text, %s::text)::regclass
              and a.attnum > 0 and not a.attisdropped
            union all
            select attnum, attname, written, t.typbasetype
            from base join pg_type t on t.oid = base.type
            where t.typtype = 'd'
        )
        select attname, written, t.typname, t.typcategory = 'A' or t.typtype = 'c'
        from base join pg_type t on t.oid = base.type
        where t.typtype <> 'd'
        order by attnum
        """,
        (place.schema, place.table),
    ).fetchall()
    return tuple(
        Column(name, written, "json" if nested else CLASSES.get(typename, "other"))
        for name, written, typename, nested in rows
    )


def expression(column: Column) -> sql.Composable:
    """Return SQL that yields one value as bounded text; binary content is never read."""
    name = sql.Identifier(column.name)
    if column.types == "binary":
        return sql.SQL("case when {} is not null then '' end").format(name)
    if column.types == "json":  # json itself may hold \\u0000, which jsonb refuses
        text = "left({}::text, {})" if column.data_type in {"json", "jsonb"} else "left(to_jsonb({})::text, {})"
        return sql.SQL(text).format(name, sql.Literal(JSON_LENGTH))
    return sql.SQL("left({}::text, {})").format(name, sql.Literal(TEXT_LENGTH))


def statement(connection: Connection, place: Place, picked: sql.Composable, wanted: int, seed: int) -> sql.Composed:
    """Return the one statement that reads the sample."""
    if place.kind in {"v", "f"}:
        return sql.SQL("select {} from {} limit {}").format(picked, place.name, sql.Literal(wanted))
    density = place.density or measure_density(connection, place)
    newest = EXTENSION + math.ceil(wanted * NEWEST_SHARE / max(density, 1.0))
    pages = min(place.pages, max(PAGES // SPREAD, math.ceil(wanted * SPREAD / max(density, 1.0))))
    if place.pages <= max(PAGES, pages + newest):
        return sql.SQL("select {} from {} where random() < {} limit {}").format(
            picked, place.name, sql.Literal(keep(wanted, place.pages, density)), sql.Literal(wanted)
        )
    older = sql.SQL("select {} from {} tablesample system ({}) repeatable ({}) where random() < {}").format(
        picked,
        place.name,
        sql.Literal(100.0 * pages / place.pages),
        sql.Literal(seed),
        sql.Literal(keep(wanted, pages, density)),
    )
    if place.kind == "p":  # its newest rows may be in any partition; each is sampled by its share of pages
        return sql.SQL("{} limit {}").format(older, sql.Literal(wanted))
    newest_rows = math.ceil(wanted * NEWEST_SHARE)
    latest = sql.SQL(
        "select {} from {} where ctid = any(array("
        "select ctid from {} where ctid >= {}::tid order by ctid desc limit {}))"
    ).format(
        picked,
        place.name,
        place.name,
        sql.Literal(f"({place.pages - newest},0)"),
        sql.Literal(newest_rows),
    )
    return sql.SQL("{} union all ({} limit {})").format(latest, older, sql.Literal(wanted - newest_rows))


def keep(wanted: int, pages: int, density: float) -> float:
    """Return the probability that a row is kept, a little generous: the limit cuts the rest."""
    return min(1.0, 1.1 * wanted / max(1.0, pages * density))


def measure_density(connection: Connection, place: Place) -> float:
    """Count the rows of a few pages, for a table that was never analyzed."""
    if place.pages == 0:
        return 0.0
    few = min(100.0, 100.0 * 50 / place.pages)
    count = connection.execute(
        sql.SQL("select count(*) from {} tablesample system ({})").format(place.name, sql.Literal(few))
    ).fetchone()
    return (count[0] if count else 0) / max(1.0, place.pages * few / 100)
