"""Lineage of generated dbt projects: ours beside sqlglot's parse + qualify, and its lineage() column by column.

`python tests/benchmarks/bench_lineage.py` prints medians in CPU seconds and ratios. Ours is all that `trace_query`
does: parsing, indirect edges, the text of every transformation. A model's columns go into the next model's schema.
"""

from __future__ import annotations

import statistics
import sys
import time
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table
from sqlglot import parse_one
from sqlglot.lineage import lineage
from sqlglot.optimizer.qualify import qualify
from sqlglot.schema import MappingSchema

from privacy_governance.lineage import trace_query

if TYPE_CHECKING:
    from collections.abc import Callable

Schema = dict[str, dict[str, str]]
Project = tuple[Schema, dict[str, str]]

RUNS = 3


def project(models: int, columns: int) -> Project:
    """Return (sources, model name -> SQL) of a project: staging, joins and CASEs, and aggregates, a third each."""
    sources: Schema = {}
    sql: dict[str, str] = {}
    third = models // 3
    width = max(columns // models, 4)
    for at in range(third):
        names = [f"c{number}" for number in range(width)]
        sources[f"raw.s{at}"] = dict.fromkeys(["id", "user_id", *names], "text")
        casts = ",\n    ".join(f"lower(c{number}) as c{number}" for number in range(width - 2))
        sql[f"staging.stg_{at}"] = (
            f'with source as (select * from "raw"."s{at}"),\n'
            f"renamed as (select id, user_id,\n    {casts}\n  from source where c0 is not null)\n"
            "select * from renamed"
        )
    for at in range(third):
        one, two = at, (at + 1) % third
        picks = ",\n    ".join(
            f"case when b.c{number} = 'x' then a.c{number} else coalesce(b.c{number}, a.c0) end as m{number}"
            for number in range(width - 2)
        )
        sql[f"intermediate.int_{at}"] = (
            f"with a as (select * from staging.stg_{one}), b as (select * from staging.stg_{two}),\n"
            f"joined as (select a.id, a.user_id,\n    {picks},\n"
            "    row_number() over (partition by a.user_id order by b.id) as nth\n"
            "  from a left join b on a.user_id = b.user_id)\n"
            "select * from joined where nth = 1"
        )
    for at in range(models - 2 * third):
        number_of = at % third
        sums = ",\n    ".join(f"max(m{number}) || '-' as g{number}" for number in range(width - 2))
        sql[f"marts.mart_{at}"] = (
            f"with base as (select * from intermediate.int_{number_of})\n"
            f"select user_id,\n    {sums},\n    count(*) filter (where m1 is not null) as n\n"
            "from base group by user_id having count(*) > 1"
        )
    return sources, sql


def chain(columns: int, depth: int) -> Project:
    """Return a project of one model: a chain of CTEs, each touching every column."""
    names = [f"c{number}" for number in range(columns)]
    ctes = [f"t0 as (select {', '.join(names)} from raw.wide)"]
    ctes += [
        f"t{at} as (select {', '.join(f'trim({name}) as {name}' for name in names)} from t{at - 1})"
        for at in range(1, depth)
    ]
    sql = f"with {', '.join(ctes)} select {', '.join(names)} from t{depth - 1} where c0 <> ''"
    return {"raw.wide": dict.fromkeys(names, "text")}, {"marts.wide": sql}


def ours(sources: Schema, models: dict[str, str]) -> Schema:
    """Trace every model in order; return the schema with all models' columns."""
    schema = dict(sources)
    for name, sql in models.items():
        schema[name] = dict(trace_query(sql, schema).types)
    return schema


def sqlglot_schema(schema: Schema) -> MappingSchema:
    """Return the schema as sqlglot wants it, built once outside of the timing."""
    nested: dict[str, Schema] = {}
    for name, columns in schema.items():
        part, table = name.split(".")
        nested.setdefault(part, {})[table] = columns
    return MappingSchema(nested, dialect="postgres")


def parse_and_qualify(models: dict[str, str], schema: MappingSchema) -> None:
    """What any tool on sqlglot pays before it traces a column."""
    for sql in models.values():
        qualify(parse_one(sql, read="postgres"), schema=schema, dialect="postgres")


def column_by_column(models: dict[str, str], schema: MappingSchema) -> None:
    """Call sqlglot's own lineage() for each output, with its defaults."""
    for sql in models.values():
        for name in qualify(parse_one(sql, read="postgres"), schema=schema, dialect="postgres").named_selects:
            lineage(name, sql, schema=schema, dialect="postgres")


def median_seconds(work: Callable[[], object], runs: int = RUNS) -> float:
    """Return the median CPU time of a piece of work: other work on the machine does not disturb it."""
    taken = []
    for _ in range(runs):
        start = time.process_time()
        work()
        taken.append(time.process_time() - start)
    return statistics.median(taken)


def main() -> None:
    """Print the table."""
    sys.setrecursionlimit(10_000)  # for sqlglot's own functions on deep chains
    cases: dict[str, tuple[Project, bool]] = {
        "361 models, 4,767 columns": (project(361, 4_767), False),
        "12 models, 156 columns": (project(12, 156), True),
        "40 columns, 10 CTEs": (chain(40, 10), True),
        "400 columns, 10 CTEs (10x columns)": (chain(400, 10), False),
        "4,000 columns, 10 CTEs (100x columns)": (chain(4_000, 10), False),
        "40 columns, 1 CTE": (chain(40, 1), False),
        "40 columns, 100 CTEs (100x depth)": (chain(40, 100), False),
    }
    table = Table(
        "case", "ours", "parse + qualify", "ratio", "lineage() per column", "ratio", "µs per column of each SELECT"
    )
    for title, ((sources, models), by_column) in cases.items():
        schema = sqlglot_schema(ours(sources, models))
        runs = RUNS if sum(map(len, models.values())) < 400_000 else 1
        mine = median_seconds(lambda s=sources, m=models: ours(s, m), runs)
        base = median_seconds(lambda m=models, s=schema: parse_and_qualify(m, s), runs)
        per_column = median_seconds(lambda m=models, s=schema: column_by_column(m, s), 1) if by_column else 0.0
        cells = sum(sql.count(",") + 1 for sql in models.values())
        table.add_row(
            title,
            f"{mine:.3f}",
            f"{base:.3f}",
            f"{mine / base:.2f}",
            f"{per_column:.3f}" if per_column else "",
            f"{mine / per_column:.3f}" if per_column else "",
            f"{mine / cells * 1e6:.0f}",
        )
    Console(width=140).print(table)


if __name__ == "__main__":
    main()
