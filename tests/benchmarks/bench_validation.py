"""Ten mixed expectations on ten million rows, verdicts first and counts of what failed, beside one query by hand.

The peer counts the same breaches in one statement. Also timed: what Great Expectations' own SUMMARY costs, which
fetches values. Run: python tests/benchmarks/bench_validation.py [ROWS]
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import time
import warnings
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

import great_expectations as gx
from great_expectations import expectations as gxe

from privacy_governance.validation.counting import count_unmet
from privacy_governance.validation.suites import URL_VARIABLE, sqlalchemy_url
from privacy_governance.warehouse import Warehouse
from privacy_governance.warehouse.embedded import embedded_server

if TYPE_CHECKING:
    from collections.abc import Callable

MAKE = """
create table public.events as
select
    md5(n::text) as id,
    'usr_' || n % 1000000 as user_id,
    (array['free', 'team', 'business', 'enterprise'])[1 + n % 4] as plan,
    (array['US', 'DE', 'FR', 'GB', 'CA'])[1 + n % 5] as country,
    16 + (n % 70)::int as age,
    (n % 10000)::numeric(12, 2) / 100 as amount,
    timestamptz '2026-01-01' + n * interval '0.1 second' as received_at
from generate_series(1, {rows}) as n
"""
PEER = """
select
    count(*) between 1 and 1000000000,
    count(*) filter (where id is null),
    count(*) filter (where user_id is null),
    count(*) filter (where id !~ '^[0-9a-f]{32}$'),
    count(*) filter (where length(user_id) not between 5 and 40),
    count(*) filter (where plan not in ('free', 'team', 'business', 'enterprise')),
    count(*) filter (where country not in ('US', 'DE', 'FR', 'GB', 'CA')),
    count(*) filter (where age not between {youngest} and 120),
    count(*) filter (where amount not between 0 and 1000),
    max(received_at) <= timestamptz '2027-01-01'
from public.events
"""


def expected(youngest: int) -> list[object]:
    """Return ten expectations; all hold where `youngest` is 16."""
    return [
        gxe.ExpectTableRowCountToBeBetween(min_value=1, max_value=1_000_000_000),
        gxe.ExpectColumnValuesToNotBeNull(column="id"),
        gxe.ExpectColumnValuesToNotBeNull(column="user_id"),
        gxe.ExpectColumnValuesToMatchRegex(column="id", regex="^[0-9a-f]{32}$"),
        gxe.ExpectColumnValueLengthsToBeBetween(column="user_id", min_value=5, max_value=40),
        gxe.ExpectColumnValuesToBeInSet(column="plan", value_set=["free", "team", "business", "enterprise"]),
        gxe.ExpectColumnValuesToBeInSet(column="country", value_set=["US", "DE", "FR", "GB", "CA"]),
        gxe.ExpectColumnValuesToBeBetween(column="age", min_value=youngest, max_value=120),
        gxe.ExpectColumnValuesToBeBetween(column="amount", min_value=0, max_value=1000),
        gxe.ExpectColumnMaxToBeBetween(column="received_at", max_value="2027-01-01"),
    ]


def main() -> None:
    """Print medians of three, and ratios to the peer."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000_000
    warnings.simplefilter("ignore")
    folder = Path(tempfile.mkdtemp(prefix="bench-validation-"))
    try:
        with embedded_server(folder / "warehouse") as url:
            warehouse = Warehouse(url)
            with warehouse.connect("make events", autocommit=True) as connection:
                connection.execute(MAKE.format(rows=rows).encode())
                connection.execute("vacuum analyze public.events")
            os.environ[URL_VARIABLE] = sqlalchemy_url(url)
            context = gx.get_context(mode="ephemeral")
            context.variables.progress_bars = {"globally": False, "metric_calculations": False}
            source = context.data_sources.add_postgres(
                "warehouse", connection_string=f"${{{URL_VARIABLE}}}", create_temp_table=False
            )
            batch = source.add_table_asset("events", table_name="events", schema_name="public").add_batch_definition(
                "whole"
            )
            definitions = {}
            for name, youngest in (("held", 16), ("failed", 18)):
                suite = context.suites.add(gx.ExpectationSuite(name=name, expectations=expected(youngest)))
                definitions[name] = context.validation_definitions.add(
                    gx.ValidationDefinition(name=name, data=batch, suite=suite)
                )
            by_hand = median(seconds(lambda: query(warehouse)) for _ in range(3))
            held = median(seconds(lambda: verdicts(definitions["held"], failures=0)) for _ in range(3))
            failed = median(seconds(lambda: verdicts(definitions["failed"], failures=1)) for _ in range(3))
            summary = median(seconds(lambda: definitions["held"].run(result_format="SUMMARY")) for _ in range(3))
        print(f"{rows:,} rows, 10 expectations: one query by hand {by_hand:.2f} s")
        print(f"verdicts, all hold {held:.2f} s; ratio {held / by_hand:.2f}")
        print(f"verdicts, then counts of one that failed {failed:.2f} s; ratio {failed / by_hand:.2f}")
        print(f"Great Expectations' SUMMARY {summary:.2f} s; ratio {summary / by_hand:.2f}")
    finally:
        shutil.rmtree(folder)


def query(warehouse: Warehouse) -> None:
    """Ask the peer."""
    with warehouse.connect("count by hand") as connection:
        connection.execute(PEER.replace("{youngest}", "16").encode()).fetchall()


def verdicts(definition: gx.ValidationDefinition, *, failures: int) -> None:
    """Run the suite as a night does."""
    done = definition.run(result_format="BOOLEAN_ONLY")
    count_unmet(definition, done.results)
    if sum(1 for result in done.results if not result.success) != failures:
        raise SystemExit(f"{definition.name} has other failures than {failures}")


def seconds(timed: Callable[[], object]) -> float:
    """Return how long a call takes."""
    started = time.monotonic()
    timed()
    return time.monotonic() - started


if __name__ == "__main__":
    main()
