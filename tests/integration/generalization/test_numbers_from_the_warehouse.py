"""Whole numbers come from the warehouse packed: all of them, as they are."""

from __future__ import annotations

import pytest
from psycopg import sql

from privacy_governance.generalization.copying import read_integers

SMALLEST, LARGEST = -(2**63), 2**63 - 1


def read(warehouse, query, types):
    with warehouse.connect("read numbers") as connection:
        return read_integers(connection, sql.SQL(query), types)


def test_every_row_comes_with_its_own_numbers(warehouse):
    one, other = read(
        warehouse, "select n::int4, n::int8 * -3000000000 from generate_series(1, 20000) as n", ["i4", "i8"]
    )
    assert sorted(one.tolist()) == list(range(1, 20001))
    assert (other == one * -3_000_000_000).all()


def test_the_smallest_and_the_largest_number_come_as_they_are(warehouse):
    (found,) = read(warehouse, f"select n from (values ('{SMALLEST}'::int8), ({LARGEST})) as two (n)", ["i8"])
    assert sorted(found.tolist()) == [SMALLEST, LARGEST]


def test_no_rows_are_columns_without_numbers(warehouse):
    assert [found.tolist() for found in read(warehouse, "select 1, 2::int8 where false", ["i4", "i8"])] == [[], []]


def test_a_null_is_refused_and_not_left_out(warehouse):
    with pytest.raises(ValueError, match="has a null"):
        read(warehouse, "select n, nullif(n, 7) from generate_series(1, 9) as n", ["i4", "i4"])
