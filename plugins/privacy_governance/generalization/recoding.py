"""Write a recoded table, in one `create table … as`.

Where the columns that are kept have few values, from the counts. Otherwise from the rows, which are joined to what is
shown of their combination; that mapping is a table like any other, gone before the transaction ends: parallel workers
can't read a temporary one.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

import numpy as np
from psycopg import sql

from privacy_governance.generalization.copying import comma, copy_integers, copy_texts, numbered
from privacy_governance.generalization.tables import Relation, columns_of, key_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from privacy_governance.generalization.recoded import Recoding
    from privacy_governance.generalization.tables import Keys
    from privacy_governance.warehouse import Connection


def write_recoded(
    connection: Connection,
    recoding: Recoding,
    *,
    source: Relation,
    into: Relation,
    quasi: Sequence[str],
    kept: Sequence[str],
    keys: Keys,
) -> int:
    """Create `into` from `source`, its quasi-identifiers as recoded and the columns `kept`; return its rows.

    Runs in the transaction that read the histogram, whose combinations have these `keys`. Columns stand in the source's
    order, rows in none: from its place in the source, somebody could be found.
    """
    mapping = _make_mapping(connection, recoding, keys, into.schema, len(quasi))
    # a subquery with a CTE stays one: flattened, the join would compute each row's key again for each match
    create = sql.SQL(
        "create table {into} as select {selected} from ("
        "with keyed as not materialized (select {kept}{key} as {name} from {source}) select * from keyed"
        ") as keyed inner join {mapping} as shown on keyed.{name} = shown.key order by random()"
    ).format(
        into=into.identifier,
        selected=_selected(connection, source, quasi, {column: sql.Identifier("keyed", column) for column in kept}),
        kept=sql.SQL("").join(sql.SQL("{}, ").format(sql.Identifier(column)) for column in kept),
        name=sql.Identifier(mapping.name),  # like none of the source's columns
        key=key_of([sql.Identifier(column) for column in quasi], keys.seed),
        source=source.identifier,
        mapping=mapping.identifier,
    )
    written = connection.execute(create).rowcount
    connection.execute(sql.SQL("drop table {}").format(mapping.identifier))
    return written


def write_counted(
    connection: Connection,
    recoding: Recoding,
    *,
    source: Relation,
    into: Relation,
    quasi: Sequence[str],
    kept: Sequence[str],
    keys: Keys,
) -> int:
    """Create the same table from the counts alone, where the histogram counted the columns `kept` along.

    Rows of a class with the same kept values are alike: they are made as often as they were counted, and no row of
    `source` is read again. Their place tells nothing either.
    """
    _make_shown(connection, recoding, keys, len(quasi))
    numbers = [numbered("s", number) for number in range(len(kept))]
    # generate_series among what is selected makes row after row; as a table it would hold them first
    create = sql.SQL(
        "create table {into} as select {selected} from ("
        "select shown.*, {each}generate_series(1, counted.rows) from ("
        "select recoded.class, {each}sum(cells.rows::float8)::int8 as rows from pg_temp.cells as cells"
        " inner join pg_temp.recoded as recoded on cells.key = recoded.key group by {each}recoded.class"
        ") as counted inner join pg_temp.shown as shown on counted.class = shown.class"
        ") as shown"
    ).format(
        into=into.identifier,
        selected=_selected(
            connection,
            source,
            quasi,
            {column: sql.SQL("shown.{}").format(number) for column, number in zip(kept, numbers, strict=True)},
        ),
        each=sql.SQL("").join(sql.SQL("{}, ").format(number) for number in numbers),
    )
    return connection.execute(create).rowcount


def _selected(
    connection: Connection, source: Relation, quasi: Sequence[str], kept: Mapping[str, sql.Composable]
) -> sql.Composed:
    """Return the published columns in the source's order: the quasi-identifiers of `shown`, and what is kept."""
    return comma(
        sql.SQL("{} as {}").format(
            sql.SQL("shown.{}").format(numbered("p", quasi.index(column))) if column in quasi else kept[column],
            sql.Identifier(column),
        )
        for column in columns_of(connection, source)
        if column in quasi or column in kept
    )


def _make_shown(connection: Connection, recoding: Recoding, keys: Keys, quasi: int) -> None:
    """Make temporary tables of each published combination's class, and of what a class shows, `p`."""
    published = recoding.kept
    connection.execute("create temp table recoded (key int8, class int4) on commit drop")
    copy_integers(
        connection, sql.SQL("pg_temp.recoded"), [keys.of[published], recoding.class_of[published]], ["i8", "i4"]
    )
    columns = comma(sql.SQL("{} int4").format(numbered("v", column)) for column in range(quasi))
    connection.execute(sql.SQL("create temp table classes (class int4, {}) on commit drop").format(columns))
    copy_integers(
        connection,
        sql.SQL("pg_temp.classes"),
        [np.arange(len(recoding.cells)), *recoding.cells.T],
        ["i4"] * (1 + quasi),
    )
    labels = [numbered("labels", column) for column in range(quasi)]
    for shown, table in zip(recoding.values, labels, strict=True):
        create = sql.SQL("create temp table {} (text text, value int4) on commit drop").format(table)
        copy_texts(connection, create, table, shown.labels)
    connection.execute(
        sql.SQL("create temp table shown on commit drop as select classes.class, {} from pg_temp.classes {}").format(
            comma(sql.SQL("{}.text as {}").format(each, numbered("p", column)) for column, each in enumerate(labels)),
            sql.SQL(" ").join(
                sql.SQL("inner join {0} on classes.{1} = {0}.value").format(each, numbered("v", column))
                for column, each in enumerate(labels)
            ),
        )
    )


def _make_mapping(connection: Connection, recoding: Recoding, keys: Keys, schema: str, quasi: int) -> Relation:
    """Make a table of the published combinations: `key`, and what is shown, `p`."""
    _make_shown(connection, recoding, keys, quasi)
    mapping = Relation(schema, f"recoding_{secrets.token_hex(8)}")
    connection.execute(
        sql.SQL(
            "create unlogged table {} as select recoded.key, {} from pg_temp.recoded"
            " inner join pg_temp.shown on recoded.class = shown.class"
        ).format(
            mapping.identifier,
            comma(sql.SQL("shown.{}").format(numbered("p", column)) for column in range(quasi)),
        )
    )
    # tells the planner that a row of the source has one: it then hashes the mapping, not the rows
    connection.execute(sql.SQL("create unique index on {} (key)").format(mapping.identifier))
    return mapping
