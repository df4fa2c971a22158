"""Anonymize one table: count, search, write and measure; all in one transaction on one snapshot.

Rows that global recoding leaves out are not published at all, so nothing about them can be inferred from what is; all
measures count them with loss 1. The published quasi-identifiers are text. A column that nobody named is not published.

Measured on tables made from Adult (tests/benchmarks/bench_generalization.py), k = 5. The search:
0.4 s global, 0.5 s local, 0.7 s with ranges on 30,162 rows; 0.6, 0.7 and 1.0 s on 300,000. All of it on two
cores, 3,000,000 rows (292,000 combinations): global 10 to 11 s, 1.4 to 1.7 times one GROUP BY and a copy; local 11 to
12 s, 1.5 to 1.9 times. On 30,000,000 (973,000 combinations) 91 and 98 s, 0.7 times: counting took 35, the search 4,
writing 52 to 60 s. The search and the memory grow with the combinations, not with the rows.
"""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Literal

import psycopg
from psycopg import sql

from privacy_governance.errors import AnonymizationError
from privacy_governance.generalization import global_recoding, local_recoding
from privacy_governance.generalization.generated import load
from privacy_governance.generalization.histogram import group_at
from privacy_governance.generalization.measures import Measures, measure
from privacy_governance.generalization.recoding import write_counted, write_recoded
from privacy_governance.generalization.tables import Relation, columns_of, have_few_values, read_histogram

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from privacy_governance.generalization.histogram import Histogram
    from privacy_governance.generalization.privacy_models import Privacy
    from privacy_governance.generalization.recoded import Recoding
    from privacy_governance.warehouse import Connection, Warehouse

RecodingKind = Literal["global", "local"]


@dataclass(frozen=True)
class Order:
    """What to anonymize, how, and into which table."""

    source: Relation
    into: Relation
    quasi: tuple[str, ...]
    sensitive: tuple[str, ...]
    hierarchies: Path
    privacy: Privacy
    suppression_limit: float = 0.05
    recoding: RecodingKind = "global"
    ranges: bool = True
    kept: tuple[str, ...] = ()
    replace: bool = False


@dataclass(frozen=True)
class Proof:
    """Why a global recoding is the best: no choice of levels under the limit has a loss below `bound`."""

    bound: float
    evaluated_nodes: int
    lattice_nodes: int


@dataclass(frozen=True)
class Anonymized:
    """What was published: measures; for global recoding the level of each column, and the proof; seconds by step."""

    measures: Measures
    levels: dict[str, int] | None
    proof: Proof | None
    combinations: int
    seconds: dict[str, float]


def anonymize(warehouse: Warehouse, order: Order, *, dry_run: bool = False) -> Anonymized:
    """Write `order.into`, or with `dry_run` only find and measure what it would hold.

    Raises:
        AnonymizationError: the order can't be met; says why and what would help. Nothing was written.

    """
    _check_order(order)
    declared = load(order.hierarchies, order.quasi)
    with warehouse.connect(f"anonymize {order.source}") as connection:
        # counting and recoding must see the same rows
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        # the texts that hierarchies know, whatever the server's settings
        connection.execute("set local datestyle = 'ISO'")
        connection.execute("set local timezone = 'UTC'")
        # statistics of single columns can't tell that a row has just one combination: left alone, the planner
        # expects one row where there are many, and loops over or sorts them all
        connection.execute("set local enable_nestloop = off")
        connection.execute("set local enable_mergejoin = off")
        connection.execute("set local work_mem = '256MB'")  # the combinations, not the rows, are to fit
        connection.execute("set local temp_buffers = '256MB'")  # and once more as temporary tables
        # the planner takes handing a row over for dearer than making it, and would leave all to one process
        connection.execute("set local parallel_tuple_cost = 0.001")
        _check_tables(connection, order)
        counted = order.sensitive if order.privacy.l is not None or order.privacy.t is not None else ()
        started = time.perf_counter()
        kept = (*order.sensitive, *order.kept)
        are_few = have_few_values(connection, order.source, kept)
        along = kept if are_few else ()
        histogram, keys = read_histogram(connection, order.source, order.quasi, declared, counted, along=along)
        read = time.perf_counter()
        _check_policy(histogram, order)
        recoding, levels, proof = _search(histogram, order)
        found = time.perf_counter()
        with ThreadPoolExecutor(max_workers=1) as pool:
            measuring = pool.submit(measure, histogram, recoding)  # the warehouse writes meanwhile
            if not dry_run:
                write = write_counted if are_few else write_recoded
                published = int(histogram.rows[recoding.kept].sum())
                _write(connection, order, published, partial(write, keys=keys), recoding)
        measures = measuring.result()
    seconds = {
        "histogram": read - started,
        "search": found - read,
        "measures and recoding": time.perf_counter() - found,
    }
    return Anonymized(measures, levels, proof, histogram.combinations, seconds)


def _search(histogram: Histogram, order: Order) -> tuple[Recoding, dict[str, int] | None, Proof | None]:
    if order.recoding == "local":
        return local_recoding.search(histogram, order.privacy, ranges=order.ranges).recoding, None, None
    best = global_recoding.search(histogram, order.privacy, order.suppression_limit)
    levels = dict(zip(order.quasi, best.levels, strict=True))
    return best.recoding, levels, Proof(best.bound, best.evaluated_nodes, best.lattice_nodes)


def _write(connection: Connection, order: Order, published: int, write: Callable[..., int], recoding: Recoding) -> None:
    grants = _drop_with_grants(connection, order.into) if order.replace else []
    kept = (*order.sensitive, *order.kept)
    try:
        written = write(connection, recoding, source=order.source, into=order.into, quasi=order.quasi, kept=kept)
    except (psycopg.errors.DuplicateTable, psycopg.errors.UniqueViolation):
        raise AnonymizationError(
            f"{order.into} was made by another run meanwhile: not written. Give --replace to replace it."
        ) from None
    if written != published:
        raise AnonymizationError(
            f"{order.into} would hold {written:,} rows, not the {published:,} measured: not written. "
            "Is it a view whose rows differ from one reading to the next? Anonymize a table made from it."
        )
    for grantee, privilege in grants:
        role = sql.SQL("public") if grantee is None else sql.Identifier(grantee)
        connection.execute(sql.SQL("grant {} on {} to {}").format(sql.SQL(privilege), order.into.identifier, role))


def _drop_with_grants(connection: Connection, table: Relation) -> list[tuple[str | None, str]]:
    """Drop the former table if there is one; return the (role, privilege) pairs that it granted to others."""
    grants = connection.execute(
        """
        select roles.rolname::text, acl.privilege_type
        from pg_class as relation
        inner join pg_namespace as namespace on relation.relnamespace = namespace.oid
        cross join lateral aclexplode(relation.relacl) as acl
        left join pg_roles as roles on acl.grantee = roles.oid
        where namespace.nspname = %s and relation.relname = %s and acl.grantee <> relation.relowner
        """,
        [table.schema, table.name],
    ).fetchall()
    connection.execute("set local client_min_messages = warning")
    connection.execute(sql.SQL("drop table if exists {}").format(table.identifier))
    return grants


def _check_order(order: Order) -> None:
    named = [*order.quasi, *order.sensitive, *order.kept]
    if not order.quasi:
        raise AnonymizationError("no quasi-identifier is named. Name at least one: --quasi age,zip.")
    if twice := sorted({column for column in named if named.count(column) > 1}):
        raise AnonymizationError(
            f"{', '.join(twice)}: named twice. A column is a quasi-identifier, sensitive or kept; choose one for each."
        )
    if (order.privacy.l is not None or order.privacy.t is not None) and not order.sensitive:
        raise AnonymizationError("l and t are about a sensitive column. Name it: --sensitive salary.")
    if not 0 <= order.suppression_limit < 1:
        raise AnonymizationError("--suppression-limit is a share of the rows, from 0 to below 1: 0.05 is 5 %.")
    if order.source == order.into:
        raise AnonymizationError(f"{order.into} is the source itself. Name another table with --into.")


def _check_tables(connection: Connection, order: Order) -> None:
    columns = columns_of(connection, order.source)
    if not columns:
        raise AnonymizationError(f"there is no table {order.source}. Check schema and name; both are case-sensitive.")
    if missing := [each for each in (*order.quasi, *order.sensitive, *order.kept) if each not in columns]:
        raise AnonymizationError(
            f"{order.source} has no column {', '.join(missing)}. Its columns are {', '.join(columns)}."
        )
    if columns_of(connection, order.into) and not order.replace:
        raise AnonymizationError(f"{order.into} exists. Name another table with --into, or give --replace.")
    exists = connection.execute("select 1 from pg_namespace where nspname = %s", [order.into.schema]).fetchone()
    if exists is None:
        raise AnonymizationError(f"there is no schema {order.into.schema}. Create it, or name another with --into.")


def _check_policy(histogram: Histogram, order: Order) -> None:
    """Refuse what even one class of all rows would not hold."""
    privacy, total = order.privacy, histogram.total
    if privacy.k > total:
        raise AnonymizationError(
            f"k={privacy.k:,} is more than the {total:,} rows of {order.source}. No class can be that large: lower k."
        )
    for sensitive in histogram.sensitive if privacy.l is not None else ():
        if privacy.l is not None and sensitive.values < privacy.l:
            raise AnonymizationError(
                f"{order.source}.{sensitive.column} has {sensitive.values:,} distinct values, l={privacy.l:,} asks for "
                "more in every class. Lower l, or leave the column out of --sensitive and of the release."
            )
    most_general = group_at(histogram, [len(hierarchy.levels) - 1 for hierarchy in histogram.hierarchies])
    if len(most_general.rows) != 1:
        raise AnonymizationError(f"{order.hierarchies}: a hierarchy has no top. End every line with the same label.")
