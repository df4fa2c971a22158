"""Aggregates for everyone: who subtracts figures finds small groups in naive tables, and none in ours."""

from __future__ import annotations

import random
from datetime import date
from itertools import combinations

import pytest

K = 5
QUARTER = date(2026, 1, 1)
# what a warehouse would have shown: small cells left out, and totals of countries and of plans beside the others
NAIVE = """
select country_code, plan, count(distinct name), sum(revenue)
from public.purchases inner join public.people using (name)
where not is_deleted
group by grouping sets ((country_code, plan), (country_code), (plan), ())
having count(distinct name) >= 5
"""


def people(prefix, count):
    return [f"{prefix} {n}" for n in range(count)]


def buy(line, names, revenue=10, on="2026-01-15", currency="EUR"):
    line.ask(
        "insert into public.purchases select name, %s, %s, %s from unnest(%s::text[]) as name",
        [on, revenue, currency, names],
    )


def happen(line, event, on, names):
    line.ask("insert into public.happenings select name, %s, %s from unnest(%s::text[]) as name", [event, on, names])


def night_of(line, on):
    """Live a night with its aggregates to its publish."""
    line.on = on
    line.enforce()
    assert line.build() == []
    assert line.build_aggregates() == []
    return line.publish()


def revenue(line, schema="research"):
    return {
        (country, plan): (buyers, amount)
        for country, plan, buyers, amount in line.ask(
            f"select country_code, plan, buyers, revenue from {schema}.research_revenue"
        )
    }


def differences(figures):
    """Return the sizes of the groups found by subtracting the shown parts of a total from it; figures: {(a, b): n}."""
    found = set()
    for (country, plan), total in figures.items():
        if plan is None:
            shown = [n for (c, p), n in figures.items() if c == country and p is not None]
            found.add(total - sum(shown))
        if country is None:
            shown = [n for (c, p), n in figures.items() if p == plan and c is not None]
            found.add(total - sum(shown))
    return found - {0}


@pytest.fixture
def sold(line):
    """Buyers of three countries and two plans, in cells of 20, 12, 8, 7, 6 and 2, after a night of April."""
    cells = {("US", "free"): 20, ("US", "pro"): 12, ("FR", "free"): 8, ("FR", "pro"): 7, ("NL", "free"): 6}
    for (country, plan), count in cells.items():
        names = people(f"{country} {plan}", count)
        line.join(names, country_code=country, plan=plan)
        buy(line, names)
    # two buyers of a released class that is large enough
    rare = people("NL pro", 9)
    line.join(rare, country_code="NL", plan="pro")
    buy(line, rare[:2], revenue=77)
    night_of(line, date(2026, 4, 20))
    return line


def test_a_cell_left_out_is_found_from_totals_naively_and_from_nothing_in_ours(sold):
    naive = {(country, plan): count for country, plan, count, _ in sold.ask(NAIVE)}
    assert 2 in differences(naive), "the attack must work on what it is told of"
    ours = {cell: buyers for cell, (buyers, _) in revenue(sold).items()}
    assert sum(ours.values()) == 55, "the cells add up to the total"
    with_totals = dict(ours)
    for country in {country for country, _ in ours}:
        with_totals[country, None] = sum(n for (c, _), n in ours.items() if c == country)
    for plan in {plan for _, plan in ours}:
        with_totals[None, plan] = sum(n for (_, p), n in ours.items() if p == plan)
    with_totals[None, None] = 55
    assert differences(with_totals) == set()
    assert min(ours.values()) >= K
    assert ours["NL", "all plans"] == 8, "the two are among eight"


def test_every_figure_sum_and_difference_is_of_k_buyers_or_of_none(sold):
    ours = [buyers for buyers, _ in revenue(sold).values()]
    sums = {sum(chosen) for size in range(len(ours) + 1) for chosen in combinations(ours, size)}
    # cells part the buyers: a difference of two sums is a signed sum of whole cells, the least of them one cell
    assert all(total == 0 or total >= K for total in sums)


def test_two_nights_of_naive_figures_tell_what_a_deleted_buyer_paid_and_ours_do_not(sold):
    buyer = "US free 3"
    sold.ask("update public.purchases set revenue = 431 where name = %s", [buyer])
    naive = {(country, plan): amount for country, plan, _, amount in sold.ask(NAIVE)}
    before = revenue(sold)
    sold.delete(buyer)
    after_naive = {(country, plan): amount for country, plan, _, amount in sold.ask(NAIVE)}
    assert naive["US", "free"] - after_naive["US", "free"] == 431, "the attack must work on what it is told of"
    night_of(sold, date(2026, 4, 21))
    assert sold.token(buyer) not in sold.released()
    assert revenue(sold) == before


def test_a_late_order_changes_no_published_quarter(sold):
    before = revenue(sold)
    buy(sold, ["US free 1"], revenue=500, on="2026-03-30")
    buy(sold, people("US free", 20), on="2026-04-02")
    night_of(sold, date(2026, 7, 20))
    shown = sold.ask("select ordered_quarter_on, sum(buyers) from research.research_revenue group by 1 order by 1")
    assert shown == [(QUARTER, 55), (date(2026, 4, 1), 20)]
    assert (
        sum(amount for _, amount in before.values())
        == sold.ask("select sum(revenue) from research.research_revenue where ordered_quarter_on = %s", [QUARTER])[0][0]
    )


def test_a_cell_of_which_one_buyer_has_most_is_merged_with_another(line):
    small = people("US free", 5)
    line.join([*small, "whale"], country_code="US", plan="free")
    line.join(people("US pro", 20), country_code="US", plan="pro")
    buy(line, small, revenue=10)
    buy(line, ["whale"], revenue=1000)
    buy(line, people("US pro", 20), revenue=100)
    ((naive_total,),) = line.ask(
        "select sum(revenue) from public.purchases inner join public.people using (name) where plan = 'free'"
    )
    assert naive_total - 50 == 1000, "five who pool what they paid know what the sixth did"
    night_of(line, date(2026, 4, 20))
    assert revenue(line) == {("US", "all plans"): (26, 3050)}


def test_an_order_counts_for_no_more_than_the_policy_says(line):
    names = people("US free", 10)
    line.join(names)
    buy(line, names, revenue=1000)
    buy(line, names[:1], revenue=9_000)
    night_of(line, date(2026, 4, 20))
    ((_, amount),) = revenue(line).values()
    assert amount == 11_000


def test_fewer_than_k_buyers_in_all_are_not_shown(line):
    line.join(people("US free", 10))
    buy(line, people("US free", 4))
    night_of(line, date(2026, 4, 20))
    assert revenue(line) == {}


def test_random_cells_are_parted_so_that_none_is_small_and_all_add_up(line):
    chance = random.Random(7)
    names = people("any", 400)
    for name, plan in zip(names, chance.choices("abcdefg", weights=[40, 20, 10, 5, 3, 2, 1], k=400), strict=True):
        line.join([name], plan=plan)
    weeks = [date.fromordinal(date(2026, 1, 5).toordinal() + 7 * n) for n in range(10)]
    for week in weeks:
        active = chance.sample(names, chance.choice([2, 4, 5, 7, 12, 30, 90]))
        happen(line, "opened", week, active)
    night_of(line, date(2026, 4, 20))
    totals = dict(
        line.ask("select occurred_week_on, count(distinct subject_token) from research.research_events group by 1")
    )
    cells = line.ask("select active_week_on, plan, active_subjects from research.research_weekly_actives")
    shown = {week: sum(count for of, _, count in cells if of == week) for week, _, _ in cells}
    assert shown == totals
    assert len(shown) > 4
    assert min(count for *_, count in cells) >= K
    assert {"other plans", "all plans"} & {plan for _, plan, _ in cells}


def funnel(line):
    return line.ask("select * from research.research_signup_funnel")


def test_who_falls_out_between_two_steps_of_the_funnel_is_told_of_no_fewer_than_k(line):
    names = people("new", 20)
    line.join(names)
    happen(line, "signed_up", "2026-01-06", names)
    happen(line, "opened", "2026-01-14", names[:18])
    happen(line, "order_completed", "2026-01-20", names[:9])
    naive = (20, 18, 9)
    assert naive[0] - naive[1] == 2, "two who never came back"
    night_of(line, date(2026, 4, 20))
    assert funnel(line) == [(date(2026, 1, 1), 20, None, 9)]


def test_the_funnel_counts_who_ordered_within_four_weeks(line):
    names = people("new", 30)
    line.join(names)
    happen(line, "signed_up", "2026-01-06", names)
    happen(line, "opened", "2026-01-14", names[:20])
    happen(line, "order_completed", "2026-02-03", names[:10])
    happen(line, "order_completed", "2026-02-10", names[10:20])
    night_of(line, date(2026, 3, 10))
    assert funnel(line) == [], "the last sign-up of the month has not had its four weeks"
    night_of(line, date(2026, 4, 20))
    assert funnel(line) == [(date(2026, 1, 1), 30, 20, 10)]


def test_a_changed_cell_is_a_violation(sold):
    sold.on = date(2026, 4, 21)
    sold.build()
    assert sold.build_aggregates() == []
    sold.ask("update research_candidate.research_revenue set buyers = buyers + 1 where country_code = 'FR'")
    ((relation, column, cells, finding),) = sold.ask(sold.sql("violation_changed_aggregate"))
    assert (relation, column) == ("research_candidate.research_revenue", None)
    assert cells >= 2
    assert "standing_cells" in finding
