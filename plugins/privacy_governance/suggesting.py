"""What people still have to declare: columns without a tag, and tags that sampled values contradict.

Reads the sources YAML themselves, not dbt's manifest: a tag that was just written counts at once, without a night.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import date
from fnmatch import fnmatchcase
from itertools import groupby
from typing import TYPE_CHECKING, Any

import yaml

from privacy_governance.detection import Contradiction, Suggestion, classify, contradictions, suggested_yaml
from privacy_governance.errors import DeclarationError, WarehouseError
from privacy_governance.tagging import OUR_OWN
from privacy_governance.warehouse.catalog import Schema, columns_in

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from privacy_governance.warehouse import Warehouse

RAW = "raw"
UNDECLARED = "violation_undeclared_column"
CONTRADICTED = "violation_contradicted_tag"
EXCEPTIONS = "governance_exceptions.csv"


@dataclass(frozen=True)
class Declared:
    """What a person declared of a column; no PI kinds where it is declared not personal."""

    pi_kinds: tuple[str, ...]
    identifiability: str


@dataclass(frozen=True)
class Table:
    """A table of a sources YAML; `columns` has None for a column that is named without a tag.

    `rest` is what holds for columns it doesn't name: not personal, where the table as a whole is declared so.
    """

    source: str
    file: str
    columns: Mapping[str, Declared | None]
    rest: Declared | None


@dataclass(frozen=True)
class Entry:
    """Suggestions for one source; `file` None where no sources YAML declares their tables."""

    source: str
    file: str | None
    suggestions: tuple[Suggestion, ...]

    @property
    def yaml(self) -> str:
        """The entry to paste."""
        return suggested_yaml(self.suggestions, self.source)


@dataclass(frozen=True)
class Suggested:
    """All there is to do, and what was looked at; columns count once, whatever is inside their JSON."""

    entries: tuple[Entry, ...]
    contradictions: tuple[Contradiction, ...]
    tables: int
    columns: int
    untagged: int
    tolerated: int


@dataclass(frozen=True)
class Tolerated:
    """Rows of `governance_exceptions.csv` that hold on a day: (rule, relation, column or nothing for all)."""

    rows: frozenset[tuple[str, str, str]]

    def holds(self, rule: str, relation: str, column: str) -> bool:
        """Whether an exception tolerates this column's breach."""
        return not self.rows.isdisjoint({(rule, relation, column), (rule, relation, "")})


def suggest(
    warehouse: Warehouse, dbt_project: Path, *, on: date, source: str | None = None, relation: str = "*"
) -> Suggested:
    """Sample each table once; return entries for what has no tag, and the tags that values contradict.

    `source` and `relation` (with `*` for anything) narrow down what is looked at. Columns that an exception tolerates
    on that day are only counted. An undeclared table belongs to a source named after its schema.

    Raises:
        DeclarationError: a sources YAML or the exceptions can't be read, or no source is named so.
        WarehouseError: nothing is loaded, or a table can't be read.

    """
    tables = read_tables(dbt_project)
    schemas = {RAW, *(name.partition(".")[0] for name in tables)} - set(OUR_OWN)
    with warehouse.connect("suggest tags") as connection:
        catalog = columns_in(connection, sorted(schemas))
    if not catalog:
        raise WarehouseError("there is no table to look at yet. Run govern load (or govern demo), then this again.")
    sources = {found: source_of(found, tables) for found in catalog}
    if source is not None and source not in sources.values():
        known = ", ".join(sorted(set(sources.values())))
        raise DeclarationError(f"no table in the warehouse is of a source {source}. The sources are {known}.")
    wanted = [
        found
        for found in catalog
        if fnmatchcase(plain(found), relation.replace('"', "")) and source in {None, sources[found]}
    ]
    suggestions = classify(warehouse, wanted)
    return judged(suggestions, tables, {found: catalog[found] for found in wanted}, read_tolerated(dbt_project, on))


def judged(
    suggestions: Iterable[Suggestion], tables: Mapping[str, Table], catalog: Schema, tolerated: Tolerated
) -> Suggested:
    """Return what is to do, of suggestions for every column of `catalog`; pure."""
    found = list(suggestions)
    declared = {
        (relation, column): tag
        for relation, columns in catalog.items()
        for column in columns
        if (tag := declared_tag(tables.get(plain(relation)), column)) is not None
    }
    untagged = [each for each in found if (each.relation, each.column) not in declared]
    open_ = [each for each in untagged if not tolerated.holds(UNDECLARED, plain(each.relation), each.column)]
    spoken = contradictions(found, declared)
    standing = [each for each in spoken if not tolerated.holds(CONTRADICTED, plain(each.relation), each.column)]
    dropped = {(each.relation, each.column) for each in untagged} - {(each.relation, each.column) for each in open_}
    return Suggested(
        entries=tuple(entries_of(open_, tables)),
        contradictions=tuple(standing),
        tables=len(catalog),
        columns=sum(len(columns) for columns in catalog.values()),
        untagged=len({(each.relation, each.column) for each in open_}),
        tolerated=len(dropped) + len(spoken) - len(standing),
    )


def entries_of(suggestions: Iterable[Suggestion], tables: Mapping[str, Table]) -> Iterator[Entry]:
    """Yield an entry for each source: first those that a YAML declares, then what nobody declares."""

    def place(suggestion: Suggestion) -> tuple[bool, str, str]:
        table = tables.get(plain(suggestion.relation))
        return table is None, source_of(suggestion.relation, tables), table.file if table else ""

    for (_, source, file), of_source in groupby(sorted(suggestions, key=place), key=place):
        yield Entry(source, file or None, tuple(of_source))


def declared_tag(table: Table | None, column: str) -> Declared | None:
    """Return what is declared of a column, None where nobody tagged it."""
    return table.columns.get(column, table.rest) if table else None


def source_of(relation: str, tables: Mapping[str, Table]) -> str:
    """Return the source that declares a relation, or its schema where none does."""
    table = tables.get(plain(relation))
    return table.source if table else plain(relation).partition(".")[0]


def plain(relation: str) -> str:
    """Return a relation's name without the quotes of SQL."""
    return relation.replace('"', "")


def read_tables(dbt_project: Path) -> dict[str, Table]:
    """Return every table that a YAML below `models/` declares as a source, by `schema.table` without quotes.

    Raises:
        DeclarationError: a file is no YAML, or not of the shape of dbt's sources; names it and the line.

    """
    tables: dict[str, Table] = {}
    for file in sorted((dbt_project / "models").rglob("*.y*ml")):
        try:
            document = yaml.safe_load(file.read_text())
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            line = f":{mark.line + 1}" if mark else ""
            problem = getattr(error, "problem", None) or "it can't be read"
            raise DeclarationError(f"{file}{line} is no YAML: {problem}.") from None
        try:
            for source in (document or {}).get("sources") or ():
                for table in source.get("tables") or ():
                    name = f"{source.get('schema', source['name'])}.{table.get('identifier', table['name'])}"
                    tables[name] = _table(table, source["name"], str(file.relative_to(dbt_project.parent)))
        except (AttributeError, KeyError, TypeError):
            raise DeclarationError(
                f"{file} is not of the shape of dbt's sources: a list of sources, each with a name and tables, "
                "each with a name and columns, each with a name."
            ) from None
    return tables


def _table(table: Mapping[str, Any], source: str, file: str) -> Table:
    columns = {column["name"]: _declared(_meta(column)) for column in table.get("columns") or ()}
    rest = _declared(_meta(table)) if not columns and _meta(table).get("ccpa_category") == "none" else None
    return Table(source, file, columns, rest)


def _meta(node: Mapping[str, Any]) -> Mapping[str, Any]:
    meta: Mapping[str, Any] = (node.get("config") or {}).get("meta") or node.get("meta") or {}
    return meta


def _declared(meta: Mapping[str, Any]) -> Declared | None:
    kind, category = meta.get("pi_kind"), meta.get("ccpa_category")
    if kind is None and category is None:
        return None
    kinds = [kind] if isinstance(kind, str) else kind or []
    word = str(meta.get("identifiability", "none"))
    return Declared((), "none") if category == "none" else Declared(tuple(map(str, kinds)), word)


def read_tolerated(dbt_project: Path, on: date) -> Tolerated:
    """Return the exceptions that hold on a day.

    Raises:
        DeclarationError: a row without the seed's columns or with a date that is none; names file and line.

    """
    file = dbt_project / "seeds" / EXCEPTIONS
    rows = set()
    with file.open(newline="") as text:
        reader = csv.DictReader(text)
        for row in reader:
            try:
                if date.fromisoformat(row["approved_on"]) <= on <= date.fromisoformat(row["expires_on"]):
                    rows.add((row["rule"], row["relation"], row["column_name"] or ""))
            except (KeyError, TypeError, ValueError):
                raise DeclarationError(
                    f"{file}:{reader.line_num}: approved_on and expires_on must be days as YYYY-MM-DD. Mend the row."
                ) from None
    return Tolerated(frozenset(rows))
