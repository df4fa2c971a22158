"""Keep `expectations/` in step with the dbt project: `python -m privacy_governance.validation.drafting`.

What follows from the project alone (data sources, validation definitions, checkpoints) is written anew. A suite
is drafted for a relation that has none and then belongs to people: drafting never changes it again, and only
removes it together with its relation.
"""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import yaml

from privacy_governance.settings import settings

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

COMMAND = "python -m privacy_governance.validation.drafting"
# ids in git must be the same on every machine: made from the name
NAMESPACE = uuid.UUID("6f5f3e52-3c0d-5a3b-9c52-0b7c0e6a7f10")
GREAT_EXPECTATIONS_VERSION = "1.24.1"
# row-level expectations never return a value; expectations on tables return counts, column names and types
RESULT_FORMATS = {
    "raw_intake": "BASIC",
    "research_release": "BOOLEAN_ONLY",
    "deletion_audit": "BASIC",
    "retention_audit": "BASIC",
    "ledger": "BOOLEAN_ONLY",
}
SCHEMAS = {
    "raw_intake": "raw",
    "research_release": "research_candidate",
    "deletion_audit": "audit",
    "retention_audit": "audit",
    "ledger": "governance",
}
DATASOURCE = "warehouse"
SITE = "local_site"
TOKEN = "^[0-9a-f]{64}$"  # noqa: S105 -- the shape of a pseudonym, not a secret
LEDGER = ("deletion_requests", "tombstones", "purge_receipts", "releases")
ABOUT_RETENTION = frozenset(
    {
        "violation_hold_past_its_date",
        "violation_missing_retention_rule",
        "violation_row_past_retention",
        "violation_unusable_clock",
    }
)
# the demo's own list of what it planted is no input
NOT_INTAKE = frozenset({"demo"})
# registers that people keep: nobody knows when the next row comes
NOT_LOADED_DAILY = frozenset({"privacy_desk"})
FRESH_DAYS = 7  # days without a row after which a load is missed
USUAL_FACTOR = 4  # times more or fewer rows than on a usual day
NEAR = 0.1  # total variation distance that a release's column may move from one night to the next
NIGHT = {"$PARAMETER": "night"}  # what a run of the suites gives
PUBLISHED = "research"
# declared type → types, in SQLAlchemy's words, that hold every value the declaration promises
TYPES = {
    "text": ["TEXT", "VARCHAR"],
    "boolean": ["BOOLEAN"],
    "date": ["DATE"],
    "integer": ["INTEGER", "SMALLINT"],
    "bigint": ["BIGINT", "INTEGER", "SMALLINT"],
    "numeric(12,2)": ["NUMERIC(12, 2)", "NUMERIC", "BIGINT", "INTEGER", "SMALLINT"],
    "double precision": ["DOUBLE PRECISION", "REAL", "NUMERIC"],
    "timestamp with time zone": ["TIMESTAMP WITH TIME ZONE"],
}


@dataclass(frozen=True)
class Table:
    """A relation that a reader's suite describes; columns with their declared types, in order.

    `loaded_at` is the column that tells a night's load; a released table has quasi-identifiers, and the policy's k.
    Where later loads rewrite rows (`is_rewritten`), a past day's load can't be counted any more.
    """

    reader: str
    name: str
    columns: Mapping[str, str]
    loaded_at: str | None = None
    is_rewritten: bool = False
    quasi_identifiers: tuple[str, ...] = ()
    k: int = 0

    @property
    def suite(self) -> str:
        """The suite's name; Great Expectations makes a folder of the part before the dot."""
        return f"{self.reader}.{self.name}"

    @property
    def schema(self) -> str:
        """Schema of the warehouse."""
        return SCHEMAS[self.reader]

    @property
    def relation(self) -> str:
        """Schema and name; also the name of the data asset."""
        return f"{self.schema}.{self.name}"


def tables(dbt_project: Path) -> tuple[Table, ...]:
    """Every relation that must have a suite, by reader and name."""
    found = [*_raw_tables(dbt_project), *_research_tables(dbt_project)]
    rules = (dbt_project / "models" / "marts" / "audit").glob("violation_*.sql")
    found += [
        Table("retention_audit" if rule.stem in ABOUT_RETENTION else "deletion_audit", rule.stem, {}) for rule in rules
    ]
    found += [Table("ledger", name, {}) for name in LEDGER]
    return tuple(sorted(found, key=lambda table: table.suite))


def derived_files(described: Iterable[Table]) -> dict[str, str]:
    """Files of `expectations/` that follow from the project, as path below it and content."""
    described = tuple(described)
    files: dict[str, str] = {}
    for table in described:
        files[f"validation_definitions/{table.suite}.json"] = _json(
            {
                "name": table.suite,
                "data": {
                    "datasource": _named(DATASOURCE, "datasource"),
                    "asset": _named(table.relation, f"asset {table.relation}"),
                    "batch_definition": _named("whole", f"batch definition {table.relation}"),
                },
                "suite": _named(table.suite, f"suite {table.suite}"),
                "id": _id(f"validation definition {table.suite}"),
            }
        )
    for reader, result_format in RESULT_FORMATS.items():
        names = [table.suite for table in described if table.reader == reader]
        files[f"checkpoints/{reader}.json"] = _json(
            {
                "name": reader,
                "validation_definitions": [_named(name, f"validation definition {name}") for name in names],
                "actions": [{"name": "data_docs", "site_names": [SITE], "type": "update_data_docs"}],
                "result_format": result_format,
                "id": _id(f"checkpoint {reader}"),
            }
        )
    return files


def with_datasources(configuration: str, described: Iterable[Table]) -> str:
    """Return `great_expectations.yml` with its data sources made anew; what stands above stays."""
    head = configuration.split("fluent_datasources:", 1)[0]
    assets = {
        table.relation: {
            "type": "table",
            "id": _id(f"asset {table.relation}"),
            "table_name": table.name,
            # deprecated for a schema of the data source, which PostgreSQL's data source lacks
            "schema_name": table.schema,
            "batch_definitions": {"whole": {"id": _id(f"batch definition {table.relation}"), "partitioner": None}},
        }
        for table in described
    }
    datasource = {
        "type": "postgres",
        "id": _id("datasource"),
        "connection_string": "${GOVERN_SQLALCHEMY_URL}",
        "create_temp_table": False,
        "assets": assets,
    }
    return head + yaml.safe_dump({"fluent_datasources": {DATASOURCE: datasource}}, sort_keys=False)


def drafted_suite(table: Table) -> str:
    """Return a first suite for `table`: what its declaration promises, or that a rule finds no offender."""
    expectations = tuple(_expectations(table))
    return _json(
        {
            "name": table.suite,
            "id": _id(f"suite {table.suite}"),
            "expectations": [
                {
                    "type": kind,
                    "id": _id(f"expectation {table.suite} {json.dumps([kind, values], sort_keys=True)}"),
                    "kwargs": values,
                    "meta": {},
                    # a load that is late or small is told, and leaves the release as true as it was
                    "severity": "warning" if kind.startswith("expect_table_load_") else "critical",
                }
                for kind, values in expectations
            ],
            "meta": {"great_expectations_version": GREAT_EXPECTATIONS_VERSION},
            "notes": None,
        }
    )


def draft(expectations: Path, dbt_project: Path) -> tuple[str, ...]:
    """Write what `expectations/` lacks, remove what has no relation any more; returns the files that changed."""
    described = tables(dbt_project)
    configuration = expectations / "great_expectations.yml"
    files = derived_files(described)
    files[configuration.name] = with_datasources(configuration.read_text(), described)
    for table in described:
        name = suite_file(table)
        if not (expectations / name).exists():
            files[name] = drafted_suite(table)
    changed = []
    for name, content in sorted(files.items()):
        file = expectations / name
        if not file.exists() or file.read_text() != content:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(content)
            changed.append(name)
    known = files.keys() | {suite_file(table) for table in described}
    for file in (*expectations.glob("validation_definitions/*.json"), *expectations.glob("suites/*/*.json")):
        name = file.relative_to(expectations).as_posix()
        if name not in known:
            file.unlink()
            changed.append(name)
    return tuple(changed)


def suite_file(table: Table) -> str:
    """Path of a table's suite below `expectations/`."""
    return f"suites/{table.reader}/{table.name}.json"


def _raw_tables(dbt_project: Path) -> Iterator[Table]:
    for file in sorted(dbt_project.glob("models/staging/*/_*__sources.yml")):
        for source in yaml.safe_load(file.read_text())["sources"]:
            if source["name"] in NOT_INTAKE:
                continue
            for table in source["tables"]:
                columns = _columns(table)
                loaded_at = _loaded_at(source, table) if source["name"] not in NOT_LOADED_DAILY else None
                is_there = loaded_at in columns
                yield Table(
                    "raw_intake",
                    table["name"],
                    columns,
                    loaded_at=loaded_at if is_there else None,
                    is_rewritten=bool(table.get("config", {}).get("meta", {}).get("is_rewritten")),
                )


def _loaded_at(source: Mapping[str, Any], table: Mapping[str, Any]) -> str | None:
    """Name the column that tells when a row was loaded, or else when what it tells happened."""
    for declared in (table, source):
        if stamp := declared.get("config", {}).get("loaded_at_field"):
            return str(stamp)
    clock = table.get("config", {}).get("meta", {}).get("clock")
    return None if clock is None else str(clock)


def _research_tables(dbt_project: Path) -> Iterator[Table]:
    file = dbt_project / "models" / "marts" / "research" / "_research__models.yml"
    k = yaml.safe_load((dbt_project / "dbt_project.yml").read_text())["vars"]["k"]
    for model in yaml.safe_load(file.read_text())["models"]:
        quasi = tuple(model["config"]["meta"].get("quasi_identifiers", ())) if "config" in model else ()
        yield Table("research_release", model["name"], _columns(model), quasi_identifiers=quasi, k=k)


def _columns(declared: Mapping[str, Any]) -> dict[str, str]:
    return {column["name"]: column["data_type"] for column in declared["columns"]}


def _expectations(table: Table) -> Iterator[tuple[str, dict[str, Any]]]:
    match table.reader:
        case "deletion_audit" | "retention_audit":
            yield "expect_table_row_count_to_equal", {"value": 0}
        case "raw_intake":
            accepted = {name: TYPES.get(kind, [kind.upper()]) for name, kind in table.columns.items()}
            yield "expect_table_row_count_to_be_between", {"min_value": 0}
            yield "expect_table_columns_to_have_types", {"column_types": accepted}
            if table.loaded_at:
                load = {"column": table.loaded_at, "night": NIGHT}
                yield "expect_table_load_to_be_fresh", {**load, "max_days": FRESH_DAYS}
                if not table.is_rewritten:
                    yield "expect_table_load_volume_to_be_usual", {**load, "factor": USUAL_FACTOR}
        case "research_release":
            columns = list(table.columns)
            yield "expect_table_columns_to_match_set", {"column_set": columns, "exact_match": True}
            yield "expect_table_row_count_to_be_between", {"min_value": 0}
            # an aggregate has none
            if "subject_token" in table.columns:
                yield "expect_column_values_to_not_be_null", {"column": "subject_token"}
                yield "expect_column_values_to_match_regex", {"column": "subject_token", "regex": TOKEN}
            if table.quasi_identifiers:
                yield from _of_a_release(table)
        case _:
            yield "expect_table_row_count_to_be_between", {"min_value": 0}


def _of_a_release(table: Table) -> Iterator[tuple[str, dict[str, Any]]]:
    quasi = list(table.quasi_identifiers)
    yield (
        "expect_table_classes_to_hold_at_least_k",
        {"quasi_identifiers": quasi, "subject": "subject_token", "k": table.k},
    )
    # dates move on from night to night
    standing = [name for name in quasi if table.columns[name] != "date"]
    if standing:
        yield (
            "expect_table_marginals_to_be_near_published",
            {"columns": standing, "published": f"{PUBLISHED}.{table.name}", "max_distance": NEAR},
        )


def _named(name: str, identified_by: str) -> dict[str, str]:
    return {"name": name, "id": _id(identified_by)}


def _id(name: str) -> str:
    return str(uuid.uuid5(NAMESPACE, name))


def _json(content: Mapping[str, Any]) -> str:
    return json.dumps(content, indent=2) + "\n"


if __name__ == "__main__":
    for changed_file in draft(settings().expectations, settings().dbt_project):
        print(f"expectations/{changed_file}")
