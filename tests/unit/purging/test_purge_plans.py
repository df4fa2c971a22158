"""Digests, limits and strategies of a purge plan."""

from __future__ import annotations

import pytest

from privacy_governance.manifest import Model
from privacy_governance.purging.limits import allowed
from privacy_governance.purging.planning import waves
from privacy_governance.purging.plans import Doomed, Excess, changes, digest, together
from privacy_governance.purging.strategies import Work, choose

TRACKS = Doomed("raw.tracks", "tombstone", 10, 123)
PAGES = Doomed("raw.pages", "retention", 5, -7)


def work(rows, **options):
    return Work(
        **{
            "redacted": 0,
            "subjects": 1,
            "table_rows": 10_000_000,
            "table_bytes": 870_000_000,
            "batch_rows": 500_000,
            "is_ours": False,
            "is_alone": True,
        }
        | {"rows": rows}
        | options
    )


def model(name, *depends_on):
    return Model(name, "", "", "", "purge", (), {}, {}, "", frozenset(depends_on))


def test_a_relation_is_planned_after_those_that_its_model_depends_on():
    last, first, other = model("identifiers", "links"), model("pages"), model("users", "stg_users")
    links = model("links", "pages", "users")
    planned = [{each.name for each in wave} for wave in waves([last, first, links, other])]
    assert planned == [{"pages", "users"}, {"links"}, {"identifiers"}]


def test_a_digest_does_not_depend_on_the_order_of_the_models_nor_on_empty_ones():
    assert digest([TRACKS, PAGES]) == digest([PAGES, Doomed("raw.users", "tombstone", 0, 0), TRACKS])


@pytest.mark.parametrize(
    "other",
    [
        Doomed("raw.screens", "tombstone", 10, 123),
        Doomed("raw.tracks", "retention", 10, 123),
        Doomed("raw.tracks", "tombstone", 11, 123),
        Doomed("raw.tracks", "tombstone", 10, 124),
    ],
    ids=["relation", "reason", "rows", "whose"],
)
def test_a_digest_changes_with_any_part_of_a_plan(other):
    assert digest([TRACKS]) != digest([other])


def test_what_is_done_and_what_is_left_make_the_plan_that_was_begun():
    done = Doomed("raw.tracks", "tombstone", 4, 100)
    left = Doomed("raw.tracks", "tombstone", 6, 23)
    assert digest(together([done], [left, PAGES])) == digest([TRACKS, PAGES])


def test_changes_name_each_relation_that_differs_with_both_counts():
    assert changes([("raw.tracks", "tombstone", 10), ("raw.users", "tombstone", 1)], [TRACKS, PAGES]) == (
        "raw.pages (retention): 0 rows then, 5 now",
        "raw.users (tombstone): 1 rows then, 0 now",
    )


def test_a_small_table_may_lose_more_than_its_share():
    assert allowed(100, 0.05, 1000) == 1000
    assert allowed(1_000_000, 0.05, 1000) == 50_000


def test_an_excess_says_where_how_many_and_the_limit():
    assert str(Excess("raw.tracks", 600, 1000, 50)) == "raw.tracks: 600 of 1,000 rows (60.0%; at most 50)"


@pytest.mark.parametrize(
    ("given", "strategy", "reason"),
    [
        (work(500_000), "delete", "one transaction is short enough"),
        (work(500_001), "delete in batches", "2 transactions"),
        (work(9_000_000), "delete in batches", "not rewritten, because loaders write to the table"),
        (work(9_000_000, is_ours=True), "rewrite and swap", "90% of the rows go"),
        (work(9_000_000, is_ours=True, is_alone=False), "delete in batches", "because something hangs on it"),
        (work(3_000_000, is_ours=True), "delete in batches", "rewrite and swap would take about 54.0 s"),
        (work(6_000_000, is_ours=True), "rewrite and swap", "delete in batches would take about 53.4 s"),
        (work(9_000_000, is_ours=True, redacted=1), "delete in batches", "transactions"),
        (work(1100, whole_partitions=1, partition_rows=1000), "drop partition", "the other 100 rows are deleted"),
    ],
    ids=[
        "small",
        "batches",
        "loaders",
        "ours",
        "ours with a view on it",
        "a third",
        "three fifths",
        "redacted",
        "partition",
    ],
)
def test_the_cheapest_strategy_is_chosen_of_those_that_let_loaders_write_and_says_why(given, strategy, reason):
    choice = choose(given)
    assert choice.strategy == strategy
    assert reason in choice.reason
    assert choice.seconds > 0


@pytest.mark.parametrize(
    ("share", "measured"), [(0.0001, 0.19), (0.001, 0.83), (0.01, 5.55), (0.1, 18.54), (0.3, 33.96)]
)
def test_an_estimate_is_of_the_order_that_was_measured_whatever_the_share(share, measured):
    rows = round(10_000_000 * share)
    assert 2 / 3 < choose(work(rows, subjects=rows // 10)).seconds / measured < 3 / 2
