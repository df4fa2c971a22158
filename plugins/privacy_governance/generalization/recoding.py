"""Write a recoded table: its mapping goes to the warehouse, which joins it to the rows in one `create table … as`.

The mapping is a table like any other, gone before the transaction ends: parallel workers can't read a temporary one.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

import numpy as np
from psycopg import sql

from privacy_governance.generalization.copying import comma, copy_integers, copy_texts, numbered
from privacy_governance.generalization.tables import Relation, columns_of, key_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from privacy_governance.generalization.recoded import Recoding
    from privacy_governance.warehouse import Connection


def write_recoded(
    connection: Connection,
    recoding: Recoding,
    *,
    source: Relation,
    into: Relation,
    quasi: Sequence[str],
    kept: Sequence[str],
    seed: int,
) -> int:
    """Create `into` from `source`, its quasi-identifiers as recoded and the columns `kept`; return its rows.

    Runs in the transaction that read the histogram, whose keys have this `seed`. Columns stand in the source's order.
    """
    mapping = _make_mapping(connection, recoding, into.schema, len(quasi))
    selected = [
        sql.SQL("mapping.{} as {}").format(numbered("p", quasi.index(column)), sql.Identifier(column))
        if column in quasi
        else sql.SQL("keyed.{}").format(sql.Identifier(column))
        for column in columns_of(connection, source)
        if column in quasi or column in kept
    ]
    # a subquery with a CTE stays one: flattened, the join would compute each row's key again for each match
    create = sql.SQL(
        "create table {into} as select {selected} from ("
        "with keyed as not materialized (select {kept}{key} as {name} from {source}) select * from keyed"
        ") as keyed inner join {mapping} as mapping on keyed.{name} = mapping.key"
    ).format(
        into=into.identifier,
        selected=comma(selected),
        kept=sql.SQL("").join(sql.SQL("{}, ").format(sql.Identifier(column)) for column in kept),
        name=sql.Identifier(mapping.name),  # like none of the source's columns
        key=key_of([sql.Identifier(column) for column in quasi], seed),
        source=source.identifier,
        mapping=mapping.identifier,
    )
    written = connection.execute(create).rowcount
    connection.execute(sql.SQL("drop table {}").format(mapping.identifier))
    return written


def _make_mapping(connection: Connection, recoding: Recoding, schema: str, quasi: int) -> Relation:
    """Make a table of the published combinations: `key`, and what is shown, `p`."""
    published = np.flatnonzero(recoding.kept)
    cells = recoding.cells[recoding.class_of[published]]
    columns = comma(sql.SQL("{} int4").format(numbered("v", column)) for column in range(quasi))
    connection.execute(sql.SQL("create temp table recoded (combination int4, {}) on commit drop").format(columns))
    copy_integers(connection, sql.SQL("pg_temp.recoded"), np.column_stack([published + 1, cells]))
    labels = [numbered("labels", column) for column in range(quasi)]
    for shown, table in zip(recoding.values, labels, strict=True):
        create = sql.SQL("create temp table {} (text text, value int4) on commit drop").format(table)
        copy_texts(connection, create, table, shown.labels)
    mapping = Relation(schema, f"recoding_{secrets.token_hex(8)}")
    connection.execute(
        sql.SQL(
            "create unlogged table {} as select combinations.key, {} from pg_temp.combinations"
            " inner join pg_temp.recoded on combinations.combination = recoded.combination {}"
        ).format(
            mapping.identifier,
            comma(sql.SQL("{}.text as {}").format(each, numbered("p", column)) for column, each in enumerate(labels)),
            sql.SQL(" ").join(
                sql.SQL("inner join {0} on recoded.{1} = {0}.value").format(each, numbered("v", column))
                for column, each in enumerate(labels)
            ),
        )
    )
    # tells the planner that a row of the source has one: it then hashes the mapping, not the rows
    connection.execute(sql.SQL("create unique index on {} (key)").format(mapping.identifier))
    return mapping
