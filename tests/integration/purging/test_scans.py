"""A plan says which tables each night reads whole, because no index answers what is past its period."""

from __future__ import annotations

import pytest

from privacy_governance.purging.scans import unserved

TABLE = """
create table public.visits (id int, visited_at timestamptz, note text);
insert into public.visits select n, now(), repeat('x', 100) from generate_series(1, 10000) as n;
create table public.parts (id int, visited_at timestamptz) partition by range (visited_at);
create table public.part partition of public.parts default;
insert into public.parts select n, now() from generate_series(1, 40000) as n
"""


@pytest.fixture
def connection(warehouse):
    with warehouse.connect("make tables") as connection:
        connection.execute(TABLE)
        yield connection


def found(connection, *relations):
    return [scan.relation for scan in unserved(connection, [(relation, "visited_at") for relation in relations])]


@pytest.mark.parametrize(
    ("index", "serves"),
    [
        ("select 1", False),
        ("create index on public.visits (visited_at)", True),
        ("create index on public.visits using brin (id, visited_at)", True),
        ("create index on public.visits (id, visited_at)", False),
        ("create index on public.visits (visited_at) where id > 5", False),
    ],
    ids=["none", "index", "BRIN", "index behind another column", "index of some rows"],
)
def test_a_table_whose_clock_no_index_serves_is_told(connection, index, serves):
    connection.execute(index)
    assert found(connection, "public.visits") == ([] if serves else ["public.visits"])


def test_a_partition_counts_as_its_table_and_a_small_or_missing_table_as_none(connection):
    assert found(connection, "public.parts", "public.gone") == ["public.parts"]
    connection.execute("create index on public.parts (visited_at)")
    assert found(connection, "public.parts") == []
    connection.execute("truncate public.visits")
    assert found(connection, "public.visits") == []


def test_a_finding_says_what_it_costs_and_how_to_end_it(connection):
    (scan,) = unserved(connection, [("public.visits", "visited_at")])
    assert "create index concurrently on public.visits using brin (visited_at)" in str(scan)
    assert "1 MB, about 0.0 s" in str(scan)
