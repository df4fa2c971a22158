"""The personal values of a raw layer, and the files that repeat one."""

from __future__ import annotations

import sqlite3

import yaml

from privacy_governance.settings import CHECKOUT

# long enough that a file can't hold one by chance
SHORTEST = 9


def personal_values(warehouse):
    """Return the distinct direct identifiers that `raw` holds, of every column that is declared as one, as bytes."""
    found = set()
    with warehouse.connect("read personal values") as connection:
        for relation, column in direct_identifiers():
            query = f'select distinct "{column}"::text from {relation} where length("{column}"::text) >= {SHORTEST}'
            found |= {value for (value,) in connection.execute(query)}
    return {value.encode() for value in found}


def direct_identifiers():
    """Yield (relation, column) of each column that a sources YAML declares as a direct identifier."""
    for file in sorted((CHECKOUT / "dbt_project" / "models" / "staging").rglob("_*__sources.yml")):
        for source in yaml.safe_load(file.read_text())["sources"]:
            for table in source["tables"]:
                for column in table["columns"]:
                    if column["config"]["meta"]["identifiability"] == "direct":
                        yield f"{source['schema']}.{table['name']}", column["name"]


def files_that_hold(values, folders):
    """Return `{file: how many of the values stand in it}` of every file below `folders`."""
    holding = {}
    for folder in folders:
        for file in sorted(path for path in folder.rglob("*") if path.is_file()):
            content = file.read_bytes()
            if file.suffix == ".db":
                content += _rows(file)
            if held := sum(1 for value in values if value in content):
                holding[str(file.relative_to(folder))] = held
    return holding


def _rows(file):
    # a row that spills over database pages is not found in the file's bytes
    with sqlite3.connect(file) as connection:
        tables = connection.execute("select name from sqlite_master where type = 'table'").fetchall()
        return b"".join(repr(connection.execute(f'select * from "{t}"').fetchall()).encode() for (t,) in tables)
