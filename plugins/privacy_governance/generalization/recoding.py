"""Write a recoded table: its mapping goes to the warehouse, which joins it to the rows in one `create table … as`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from psycopg import sql

from privacy_governance.generalization.copying import comma, copy_integers, copy_texts, numbered
from privacy_governance.generalization.tables import columns_of, same

if TYPE_CHECKING:
    from collections.abc import Sequence

    from privacy_governance.generalization.histogram import Histogram
    from privacy_governance.generalization.recoded import Recoding
    from privacy_governance.generalization.tables import Relation
    from privacy_governance.warehouse import Connection


def write_recoded(
    connection: Connection,
    histogram: Histogram,
    recoding: Recoding,
    *,
    source: Relation,
    into: Relation,
    quasi: Sequence[str],
    kept: Sequence[str],
) -> int:
    """Create `into` from `source`, its quasi-identifiers as recoded and the columns `kept`; return its rows.

    Runs in the transaction that read the histogram. Columns stand in the source's order.
    """
    _make_mapping(connection, recoding, len(quasi))
    # Statistics of the column whose values are most evenly spread make the planner hash the mapping, not the rows:
    # it looks at no more than the best of the joined columns, and without any it takes the mapping for one bucket.
    even = min(range(len(quasi)), key=lambda column: int(np.bincount(histogram.columns[column]).max()))
    connection.execute(sql.SQL("analyze pg_temp.mapping ({})").format(numbered("q", even)))
    selected = [
        sql.SQL("combinations.{} as {}").format(numbered("p", quasi.index(column)), sql.Identifier(column))
        if column in quasi
        else sql.SQL("source.{}").format(sql.Identifier(column))
        for column in columns_of(connection, source)
        if column in quasi or column in kept
    ]
    condition = same(connection, "source", [sql.Identifier(column) for column in quasi])
    create = "create table {} as select {} from {} as source inner join pg_temp.mapping as combinations on {}"
    return connection.execute(
        sql.SQL(create).format(into.identifier, comma(selected), source.identifier, condition)
    ).rowcount


def _make_mapping(connection: Connection, recoding: Recoding, quasi: int) -> None:
    """Make the temporary table `mapping`: a published combination a row, its values `q` and what is shown, `p`."""
    published = np.flatnonzero(recoding.kept)
    cells = recoding.cells[recoding.class_of[published]]
    columns = comma(sql.SQL("{} int4").format(numbered("v", column)) for column in range(quasi))
    connection.execute(sql.SQL("create temp table recoded (combination int4, {}) on commit drop").format(columns))
    copy_integers(connection, sql.SQL("pg_temp.recoded"), np.column_stack([published + 1, cells]))
    labels = [numbered("labels", column) for column in range(quasi)]
    for shown, table in zip(recoding.values, labels, strict=True):
        create = sql.SQL("create temp table {} (text text, value int4) on commit drop").format(table)
        copy_texts(connection, create, table, shown.labels)
    connection.execute(
        sql.SQL(
            "create temp table mapping on commit drop as select {}, {} from pg_temp.combinations"
            " inner join pg_temp.recoded on combinations.combination = recoded.combination {}"
        ).format(
            comma(sql.SQL("combinations.{}").format(numbered("q", column)) for column in range(quasi)),
            comma(sql.SQL("{}.text as {}").format(each, numbered("p", column)) for column, each in enumerate(labels)),
            sql.SQL(" ").join(
                sql.SQL("inner join {0} on recoded.{1} = {0}.value").format(each, numbered("v", column))
                for column, each in enumerate(labels)
            ),
        )
    )
