"""Tables to anonymize: what columns they have, and their histogram, by one GROUP BY in the warehouse.

Each combination gets a key, a hash of its values. No two of a table's combinations have the same one (that is looked
at), so tables are joined by it: one number a row, whatever the number and the types of the columns, nulls included.
Single values come as hashes of their texts, too, and are told by those of the hierarchy's leaves. All hashes have 64
bits and are made with a number drawn for each run.
"""

from __future__ import annotations

import math
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import psycopg
from psycopg import sql

from privacy_governance.errors import AnonymizationError
from privacy_governance.generalization.copying import comma, copy_texts, numbered, read_integers
from privacy_governance.generalization.hierarchies import Hierarchy
from privacy_governance.generalization.histogram import Histogram, SensitiveCounts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from privacy_governance.generalization.generated import Mask
    from privacy_governance.warehouse import Connection

# kept columns of no more values, all together, are counted with the quasi-identifiers
FEW_VALUES = 1000
# types whose equal values look alike, so that one may stand for all of them
PLAIN_TYPES = ("boolean", "smallint", "integer", "bigint", "date", "text", "character varying", "uuid")
# types whose order means something: their sensitive values are compared by ordered distance
ORDERED_TYPES = ("smallint", "integer", "bigint", "numeric", "real", "double precision", "date", "timestamp")


@dataclass(frozen=True)
class Relation:
    """A table by its two names, as they are in the catalog."""

    schema: str
    name: str

    def __str__(self) -> str:
        """Return schema.name."""
        return f"{self.schema}.{self.name}"

    @property
    def identifier(self) -> sql.Identifier:
        """The name for use in SQL."""
        return sql.Identifier(self.schema, self.name)


def relation(text: str) -> Relation:
    """Read `schema.name`.

    Raises:
        AnonymizationError: not two names.

    """
    parts = text.split(".")
    if len(parts) != 2 or not all(parts):
        raise AnonymizationError(f"{text} is not SCHEMA.TABLE. Name both, with one dot between them.")
    return Relation(*parts)


def columns_of(connection: Connection, table: Relation) -> dict[str, str]:
    """Return the columns of a table or view and their types, in order; none where it doesn't exist."""
    found = connection.execute(
        """
        select attribute.attname::text, format_type(attribute.atttypid, attribute.atttypmod)
        from pg_attribute as attribute
        inner join pg_class as relation on attribute.attrelid = relation.oid
        inner join pg_namespace as namespace on relation.relnamespace = namespace.oid
        where namespace.nspname = %s and relation.relname = %s and attribute.attnum > 0 and not attribute.attisdropped
        order by attribute.attnum
        """,
        [table.schema, table.name],
    )
    return dict(found.fetchall())


def have_few_values(connection: Connection, table: Relation, columns: Sequence[str]) -> bool:
    """Whether `columns` have few values all together, by the statistics, and of types whose equal values look alike."""
    found = connection.execute(
        """
        select max(statistics.n_distinct)
        from pg_stats as statistics
        inner join pg_class as relation on statistics.tablename = relation.relname
        inner join pg_namespace as namespace
            on relation.relnamespace = namespace.oid and statistics.schemaname = namespace.nspname
        inner join pg_attribute as attribute
            on relation.oid = attribute.attrelid and statistics.attname = attribute.attname
        left join pg_collation as collated on attribute.attcollation = collated.oid
        where
            namespace.nspname = %s and relation.relname = %s and statistics.attname = any(%s)
            and format_type(attribute.atttypid, null) = any(%s) and coalesce(collated.collisdeterministic, true)
        group by statistics.attname
        having min(statistics.n_distinct) > 0
        """,
        [table.schema, table.name, list(columns), list(PLAIN_TYPES)],
    ).fetchall()
    return len(found) == len(columns) and math.prod(values + 1 for (values,) in found) <= FEW_VALUES


@dataclass(frozen=True, eq=False)
class Keys:
    """The keys of a histogram's combinations, in its order; made with `seed`."""

    seed: int
    of: NDArray[np.int64]


def key_of(columns: Sequence[sql.Identifier], seed: int) -> sql.Composed:
    """Return the key of a combination: equal values, by their types' own equality, have the same."""
    return sql.SQL("hash_record_extended(row({}), {})").format(comma(columns), sql.Literal(seed))


def read_histogram(
    connection: Connection,
    table: Relation,
    quasi: Sequence[str],
    declared: Sequence[Hierarchy | Mask],
    sensitive: Sequence[str] = (),
    *,
    along: Sequence[str] = (),
) -> tuple[Histogram, Keys]:
    """Count the rows of `table` by combination.

    The counts by combination, with its key, and by value of the columns `sensitive` and `along` stay in the temporary
    table `cells` of the transaction.

    Raises:
        AnonymizationError: no rows, or values that a hierarchy does not have; names columns and counts, never a value.

    """
    seed = secrets.randbits(62)
    try:
        _count(connection, table, quasi, tuple(dict.fromkeys((*sensitive, *along))), seed)
    except psycopg.errors.UndefinedFunction:
        raise AnonymizationError(
            f"{table}: a quasi-identifier or sensitive column has a type that can't be grouped or hashed (such as json "
            "or money). Cast it to text in a view, and anonymize the view."
        ) from None
    if connection.execute("select 1 from pg_temp.cells limit 1").fetchone() is None:
        raise AnonymizationError(f"{table} has no rows. There is nothing to publish; is it the right table?")
    hierarchies = tuple(
        each if isinstance(each, Hierarchy) else each.of(_texts(connection, column))
        for column, each in enumerate(declared)
    )
    # a sum of bigint is numeric, which takes longer; of whole numbers, one of floats is exact up to 2^53 rows
    texts = sql.SQL("min(hashtextextended(coalesce({}::text, '') collate \"C\", {}))")
    *hashes, rows, keys = read_integers(
        connection,
        sql.SQL("select {}, sum(rows::float8)::int8, key from pg_temp.cells group by key, other_key").format(
            comma(texts.format(numbered("q", column), seed) for column in range(len(quasi)))
        ),
        ["i8"] * (len(quasi) + 2),
    )
    in_order = np.sort(keys)  # np.unique is several times as slow
    if (in_order[1:] == in_order[:-1]).any():
        raise AnonymizationError(
            f"{table}: two combinations have the same key, which happens once in many thousand runs. Run it again: the "
            "keys are made anew."
        )
    leaves = [
        _leaves(connection, column, hierarchy, found, seed)
        for column, (hierarchy, found) in enumerate(zip(hierarchies, hashes, strict=True))
    ]
    _refuse_unknown(connection, table, quasi, leaves, rows)
    types = columns_of(connection, table)
    counts = tuple(
        _sensitive_counts(connection, keys, number, column, is_ordered=types[column].startswith(ORDERED_TYPES))
        for number, column in enumerate(sensitive)
    )
    return Histogram(hierarchies, tuple(leaves), rows, counts), Keys(seed, keys)


def _count(connection: Connection, table: Relation, quasi: Sequence[str], others: Sequence[str], seed: int) -> None:
    """Group the rows by the quasi-identifiers and `others`."""
    named = [(numbered("q", number), column) for number, column in enumerate(quasi)]
    named += [(numbered("s", number), column) for number, column in enumerate(others)]
    combination = [sql.Identifier(column) for column in quasi]
    cells = sql.SQL(
        "create temp table cells on commit drop as"
        " select {}, {} as key, {} as other_key, count(*) as rows from {} group by {}"
    ).format(
        comma(sql.SQL("{} as {}").format(sql.Identifier(column), name) for name, column in named),
        key_of(combination, seed),
        key_of(combination, ~seed),
        table.identifier,
        comma(sql.Identifier(column) for _, column in named),
    )
    connection.execute(cells)


def _leaves(
    connection: Connection, column: int, hierarchy: Hierarchy, hashes: NDArray[np.int64], seed: int
) -> NDArray[np.int64]:
    """Return the leaf whose text has each hash, -1 where there is none; makes a temporary table of the leaves."""
    known = numbered("leaves", column)
    create = sql.SQL("create temp table {} (text text, leaf int4) on commit drop").format(known)
    copy_texts(connection, create, known, hierarchy.leaves)
    of_leaves = sql.SQL('select leaf, hashtextextended(text collate "C", {}) from pg_temp.{}').format(seed, known)
    leaf, hash_ = read_integers(connection, of_leaves, ["i4", "i8"])
    order = np.argsort(hash_)
    at = np.minimum(np.searchsorted(hash_, hashes, sorter=order), len(order) - 1)
    found: NDArray[np.int64] = np.where(hash_[order[at]] == hashes, leaf[order[at]], -1)
    return found


def _texts(connection: Connection, column: int) -> list[str]:
    query = sql.SQL("select distinct coalesce({}::text, '') from pg_temp.cells").format(numbered("q", column))
    return [text for (text,) in connection.execute(query)]


def _refuse_unknown(
    connection: Connection,
    table: Relation,
    quasi: Sequence[str],
    leaves: Sequence[NDArray[np.int64]],
    rows: NDArray[np.int64],
) -> None:
    for number, column in enumerate(quasi):
        unknown = leaves[number] < 0
        if not unknown.any():
            continue
        query = sql.SQL(
            "select count(distinct {0}), count(*) filter (where {0} is null) from pg_temp.cells"
            " where not exists (select from {1} where {1}.text = coalesce({0}::text, ''))"
        ).format(numbered("q", number), numbered("leaves", number))
        values, nulls = connection.execute(query).fetchone() or (0, 0)
        what = " and ".join([f"{values:,} values"] * (values > 0) + ["null"] * (nulls > 0))
        fix = " (a line that starts with ; stands for null)" if nulls else ""
        raise AnonymizationError(
            f"{table}.{column}: {what} of {int(rows[unknown].sum()):,} rows are not in its hierarchy. Add a line for "
            f"each{fix}; a hierarchy must know every value, or nobody decided how it is published."
        )


def _sensitive_counts(
    connection: Connection, keys: NDArray[np.int64], number: int, column: str, *, is_ordered: bool
) -> SensitiveCounts:
    query = sql.SQL(
        "select key, value, sum(rows)::int8 from ("
        "select key, rows, (dense_rank() over (order by {value}) - 1)::int4 as value from pg_temp.cells"
        ") as ranked group by 1, 2"
    ).format(value=numbered("s", number))
    key, value, rows = read_integers(connection, query, ["i8", "i4", "i8"])
    in_order = np.argsort(keys)
    combination = in_order[np.searchsorted(keys, key, sorter=in_order)]
    return SensitiveCounts(column, is_ordered, int(value.max()) + 1, combination, value, rows)
