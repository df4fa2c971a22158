"""The oracle: what PostgreSQL itself shows about which columns reach and which decide an output.

Every text cell of a source holds a mark that names its column. A mark seen in an output proves that the value flowed.
A column whose change changes an output's set of values bears on that output.
"""

from __future__ import annotations

import re
from contextlib import contextmanager

SOURCES = {
    "src.people": {"k": "int", "name": "text", "email": "text", "n": "int", "props": "jsonb", "tags": "text[]"},
    "src.events": {"k": "int", "email": "text", "kind": "text", "n": "int"},
    'src."Mixed"': {"k": "int", "Email": "text", "email": "text"},
}
_MARK = re.compile(r"~(\w+)\.(\w+)~")
_SHORT = {"people": "src.people", "events": "src.events", "mixed": 'src."Mixed"'}


def build_sources(connection):
    """Create the sources with three marked rows each; a row's number keeps marks of one column apart."""
    connection.execute("create schema src")
    for table, columns in SOURCES.items():
        short = next(key for key, value in _SHORT.items() if value == table)
        definitions = ", ".join(f'"{column}" {kind}' for column, kind in columns.items())
        connection.execute(f"create table {table} ({definitions})")
        for row in (1, 2, 3):
            cells = [_cell(short, column, kind, row) for column, kind in columns.items()]
            connection.execute(f"insert into {table} values ({', '.join(cells)})")


def _cell(short, column, kind, row):
    mark = f"~{short}.{column.lower() + ('_q' if column != column.lower() else '')}~{row}"
    return {
        "int": str(row),
        "text": f"'{mark}'",
        "jsonb": f"jsonb_build_object('k', '{mark}', 'o', jsonb_build_array('{mark}'))",
        "text[]": f"array['{mark}']",
    }[kind]


def marks_of(connection, sql):
    """Return, per output position, the (table, column) pairs whose marks its values hold; and the names."""
    with connection.cursor() as cursor:
        cursor.execute(sql)
        names = [column.name for column in cursor.description]
        found = [set() for _ in names]
        for row in cursor:
            for at, value in enumerate(row):
                for short, column in _MARK.findall(str(value)):
                    found[at].add((_SHORT[short], "Email" if column == "email_q" else column))
    return names, found


def values_of(connection, sql):
    """Return, per output position, the set of its values as text."""
    with connection.cursor() as cursor:
        cursor.execute(sql)
        found = [set() for _ in cursor.description]
        for row in cursor:
            for at, value in enumerate(row):
                found[at].add(str(value))
    return found


CHANGES = {
    "int": ("n_ + 1", "null", "7 - n_", "1"),
    "text": ("n_ || '!'", "null", "case when k = 1 then 'a' else 'z' end", "'same'"),
    "jsonb": ("null", """'{"k": "a", "o": []}'"""),
    "text[]": ("null", "array['a', 'b']"),
}


@contextmanager
def changed(connection, table, column, change):
    """Run a block with a column of a source changed."""
    with connection.transaction(force_rollback=True):
        quoted = f'"{column}"'
        connection.execute(f"update {table} set {quoted} = {change.replace('n_', quoted)}")
        yield


def columns_that_bear(connection, sql):
    """Return, per output position, the (table, column) pairs a change of which changes the output's values."""
    before = values_of(connection, sql)
    bearing = [set() for _ in before]
    for table, columns in SOURCES.items():
        for column, kind in columns.items():
            for change in CHANGES[kind]:
                with changed(connection, table, column, change):
                    after = values_of(connection, sql)
                for at, values in enumerate(after):
                    if values != before[at]:
                        bearing[at].add((table, column))
    return bearing


def edges_by_output(trace, kinds):
    """Return output name -> (table, column) pairs of the edges of some kinds, those on all outputs included."""
    reached = {name: set() for name in trace.columns}
    for edge in trace.edges:
        if edge.kind in kinds:
            for name in [edge.output_column] if edge.output_column else trace.columns:
                reached[name].add((edge.source_table, edge.source_column))
    return reached
