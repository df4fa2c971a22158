"""The oracle for queries that are given: change one column of one table, run again, and see which outputs change.

A query reads its tables through temporary views, one of which changes one column on the way; nothing is copied and
nothing is updated. An output that changes depends on the column. Text is changed by adding a mark that is in no value,
and an output that holds the mark was given the value.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

import psycopg

MARK = "§"
# {c} is the column; `odd_row` is true for half the rows of every table, so that a change may spare the rest
CHANGES = {
    "number": (
        "{c} + 1",
        "case when odd_row then 3 * {c} + 7 else {c} end",
        "case when odd_row then null else {c} end",
    ),
    "date": (
        "{c} + 1",
        "case when odd_row then {c} + 40 else {c} end",
        "case when odd_row then null else {c} end",
    ),
    "text": (
        f"'{MARK}' || {{c}}",
        f"case when odd_row then {{c}} || '{MARK}' else {{c}} end",
        "case when odd_row then null else {c} end",
    ),
}
FAMILIES = {"text": "text", "date": "date", "int": "number", "numeric": "number"}


@dataclass
class Seen:
    """What running one query showed: by output position, the columns that bear on it and whose marks reach it."""

    rows: int
    bearing: list[set]
    marked: list[set]
    columns: int = 0
    runs: int = 0
    refused: Counter = field(default_factory=Counter)  # SQLSTATE -> runs that a change made fail


def observe(connection, sql, tables, base, *, distinct):
    """Run a query once as it is, and once for every change of every column of `tables`: name -> {column: type}.

    `base` is the schema of the tables themselves. Where the query keeps one of equal rows (`distinct`), how often a
    value comes is a matter of all its columns, and only which values come is compared.
    """
    for table, columns in tables.items():
        _view(connection, base, table, columns)
    before, _ = _run(connection, sql, distinct)
    seen = Seen(len(before[0]), [set() for _ in before], [set() for _ in before])
    for table, columns in tables.items():
        for column, kind in columns.items():
            seen.columns += 1
            for change in CHANGES[FAMILIES[kind]]:
                seen.runs += 1
                try:
                    with connection.transaction(force_rollback=True):
                        _view(connection, base, table, columns, {column: change.format(c=column)})
                        after, marked = _run(connection, sql, distinct)
                except psycopg.Error as error:
                    seen.refused[error.sqlstate] += 1
                    continue
                for at, values in enumerate(after):
                    if values != before[at]:
                        seen.bearing[at].add((table, column))
                    if marked[at]:
                        seen.marked[at].add((table, column))
    return seen


def _view(connection, base, table, columns, changed=()):
    items = ", ".join(
        f"({changed[column]})::{kind} as {column}" if column in changed else column for column, kind in columns.items()
    )
    connection.execute(f"create or replace temporary view {table} as select {items} from {base}.{table}")


def _run(connection, sql, distinct):
    with connection.cursor() as cursor:
        cursor.execute(sql)
        rows = cursor.fetchall()
        width = len(cursor.description)
    values = [[row[at] for row in rows] for at in range(width)]
    marked = [any(isinstance(value, str) and MARK in value for value in column) for column in values]
    return [set(column) if distinct else Counter(column) for column in values], marked
