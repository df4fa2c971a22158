"""The night's trace of 361 generated models, 4,767 columns: cold, unchanged, and with one change; beside parsing alone.

`python tests/benchmarks/bench_tracing.py` prints medians of seconds on the clock, and ratios to sqlglot's parse of the
same SQL. "in all" is the whole step on an embedded PostgreSQL: manifest, catalog, digests, traces, edges in place.
"""

from __future__ import annotations

import json
import statistics
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from bench_lineage import project
from rich.console import Console
from rich.table import Table
from sqlglot import parse_one

from privacy_governance.keys import Keys
from privacy_governance.manifest import COMPILED, Model
from privacy_governance.tracing import trace
from privacy_governance.tracing.nightly import retrace
from privacy_governance.warehouse import Warehouse
from privacy_governance.warehouse.bootstrap import bootstrap
from privacy_governance.warehouse.embedded import embedded_server

if TYPE_CHECKING:
    from collections.abc import Callable

RUNS = 5


def models_of(sql: dict[str, str]) -> tuple[Model, ...]:
    """Return the generated models in their order."""
    return tuple(
        Model(name.split(".")[1], name, f"models/{name}.sql", text, "view", (), {}, {}, "")
        for name, text in sql.items()
    )


def write_manifest(target: Path, models: tuple[Model, ...]) -> None:
    """Write what dbt's compile would leave."""
    nodes = {
        f"model.p.{model.name}": {
            "resource_type": "model",
            "name": model.name,
            "alias": model.name,
            "schema": model.relation.split(".")[0],
            "original_file_path": model.file,
            "fqn": ["p", model.name],
            "config": {"materialized": "view", "enabled": True},
            "depends_on": {"nodes": [f"model.p.{other.name}" for other in models[:at][-1:]]},
            "columns": {},
            "compiled_code": model.sql,
        }
        for at, model in enumerate(models)
    }
    (target / COMPILED).write_text(json.dumps({"nodes": nodes, "sources": {}}))


def seconds(work: Callable[[], object], before: Callable[[], object] = lambda: None) -> float:
    """Return the median time of a piece of work, each run after `before`, which is not timed."""
    taken = []
    for _ in range(RUNS):
        before()
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    return statistics.median(taken)


def main() -> None:
    """Print the table."""
    sources, sql = project(361, 4_767)
    models = models_of(sql)
    edited = (replace(models[0], sql=models[0].sql + " where id is not null"), *models[1:])
    first = next(iter(sources))
    retyped = {**sources, first: {**sources[first], "c0": "citext"}}
    stored = retrace(models, sources, {})
    parse = seconds(lambda: [parse_one(model.sql, read="postgres") for model in models])
    rows = [
        ("parse alone (sqlglot)", len(models), parse),
        ("cold", len(models), seconds(lambda: retrace(models, sources, {}))),
        ("unchanged", 0, seconds(lambda: retrace(models, sources, stored))),
        ("one model's SQL", len(retrace(edited, sources, stored)), seconds(lambda: retrace(edited, sources, stored))),
        (
            "one source column's type",
            len(retrace(models, retyped, stored)),
            seconds(lambda: retrace(models, retyped, stored)),
        ),
    ]
    whole = in_all(sources, models, edited, retyped_source=first)
    table = Table("night", "models traced", "trace work, s", "÷ parse", "in all, s", "÷ parse")
    for name, traced, taken in rows:
        step = whole.get(name)
        table.add_row(
            name,
            str(traced),
            f"{taken:.3f}",
            f"{taken / parse:.2f}",
            f"{step:.3f}" if step else "",
            f"{step / parse:.2f}" if step else "",
        )
    Console(width=120).print(table)


def in_all(
    sources: dict[str, dict[str, str]], models: tuple[Model, ...], edited: tuple[Model, ...], *, retyped_source: str
) -> dict[str, float]:
    """Return the time of the whole step by the kind of night."""
    with (
        tempfile.TemporaryDirectory(prefix="bench-tracing-") as folder,
        embedded_server(Path(folder) / "warehouse") as url,
    ):
        warehouse, target = Warehouse(url), Path(folder)
        bootstrap(warehouse, fingerprints=Keys.derive("a key that only benchmarks use").fingerprints())

        def execute(statement: str) -> None:
            with warehouse.connect("set the benchmark up") as connection:
                connection.execute(statement)

        for name, columns in sources.items():
            execute(f"create table {name} ({', '.join(f'{column} text' for column in columns)})")
        write_manifest(target, models)

        def traced() -> None:
            trace(warehouse, target)

        def as_before(statement: str = "") -> None:
            write_manifest(target, models)
            if statement:
                execute(statement)
            traced()

        def retyped() -> None:
            as_before(f"alter table {retyped_source} alter c0 type text")
            execute(f"alter table {retyped_source} alter c0 type varchar")

        def changed() -> None:
            as_before()
            write_manifest(target, edited)

        return {
            "cold": seconds(traced, lambda: execute("truncate governance.traced_models, governance.column_edges")),
            "unchanged": seconds(traced, as_before),
            "one model's SQL": seconds(traced, changed),
            "one source column's type": seconds(traced, retyped),
        }


if __name__ == "__main__":
    main()
