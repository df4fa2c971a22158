from __future__ import annotations

from dataclasses import dataclass

import pytest

from privacy_governance.algebra import EFFECTS, KEYED_TOKEN, UNCHANGED, Identifiability, Tag, join, move

DIRECT, QUASI, PSEUDONYMOUS, AGGREGATE, NONE = (
    Identifiability.DIRECT,
    Identifiability.QUASI,
    Identifiability.PSEUDONYMOUS,
    Identifiability.AGGREGATE,
    Identifiability.NONE,
)
LEVELS = list(Identifiability)


@dataclass(frozen=True)
class Passed:
    functions: tuple[str, ...]


def moved(level, *functions):
    tag, _ = move(Tag(frozenset({"identifiers_general"}), level), Passed(functions))
    assert tag.categories == {"identifiers_general"}
    return tag.identifiability


# Function -> what becomes of direct, quasi, pseudonymous, aggregate. Written out: the table must not test itself.
KEEP = (DIRECT, QUASI, PSEUDONYMOUS, AGGREGATE)
AFTER = {
    KEYED_TOKEN: (PSEUDONYMOUS, PSEUDONYMOUS, PSEUDONYMOUS, AGGREGATE),
    "count": (AGGREGATE,) * 4,
    "approx_distinct": (AGGREGATE,) * 4,
    "regr_count": (AGGREGATE,) * 4,
    "stddev": (AGGREGATE,) * 4,
    "stddev_samp": (AGGREGATE,) * 4,
    "stddev_pop": (AGGREGATE,) * 4,
    "variance": (AGGREGATE,) * 4,
    "var_samp": (AGGREGATE,) * 4,
    "var_pop": (AGGREGATE,) * 4,
    "covar_samp": (AGGREGATE,) * 4,
    "covar_pop": (AGGREGATE,) * 4,
    "corr": (AGGREGATE,) * 4,
    "length": (QUASI, QUASI, PSEUDONYMOUS, AGGREGATE),
    "char_length": (QUASI, QUASI, PSEUDONYMOUS, AGGREGATE),
    "octet_length": (QUASI, QUASI, PSEUDONYMOUS, AGGREGATE),
    "is null": (QUASI, QUASI, PSEUDONYMOUS, AGGREGATE),
    "pg_typeof": (NONE,) * 4,
}


@pytest.mark.parametrize("function", AFTER)
def test_a_function_that_lowers(function):
    assert tuple(moved(level, function) for level in (DIRECT, QUASI, PSEUDONYMOUS, AGGREGATE)) == AFTER[function]


@pytest.mark.parametrize("function", [*sorted(set(EFFECTS) - set(AFTER)), "our_function", "evil.count"])
def test_every_other_function_keeps(function):
    assert tuple(moved(level, function) for level in (DIRECT, QUASI, PSEUDONYMOUS, AGGREGATE)) == KEEP


@pytest.mark.parametrize(
    "function",
    [
        "lower",
        "cast",
        "min",
        "max",
        "any_value",
        "array_agg",
        "string_agg",
        "sum",
        "avg",
        "md5",
        "sha256",
        "hmac",
        "left",
    ],
)
def test_the_functions_one_might_expect_to_lower_are_in_the_table_with_their_reason(function):
    assert EFFECTS[function].ceiling is DIRECT
    assert EFFECTS[function].reason


@pytest.mark.parametrize("function", EFFECTS)
def test_no_function_makes_a_value_more_identifying(function):
    assert all(moved(level, function) <= level for level in LEVELS)


def test_a_chain_is_as_identifying_as_its_lowest_function_allows():
    assert moved(DIRECT, "left", KEYED_TOKEN, "lower") is PSEUDONYMOUS
    assert moved(DIRECT, "max", "count", KEYED_TOKEN) is AGGREGATE


def test_the_reason_is_that_of_the_function_that_lowered():
    tag = Tag(frozenset(), DIRECT)
    assert move(tag, Passed(("left", KEYED_TOKEN, "lower")))[1].startswith(f"{KEYED_TOKEN}: HMAC")
    assert move(tag, Passed(("lower",)))[1] == "lower: the same value in another spelling"
    assert move(tag, Passed(("our_function",)))[1].startswith("our_function: not in the table of effects")
    assert move(tag, Passed(()))[1] == UNCHANGED


def test_tags_that_meet_unite_categories_and_the_more_identifying_wins():
    met = join([Tag(frozenset({"a"}), QUASI), Tag(frozenset({"b", "a"}), PSEUDONYMOUS), Tag(frozenset(), NONE)])
    assert met == Tag(frozenset({"a", "b"}), QUASI)


def test_nothing_joined_is_not_personal():
    assert join([]) == Tag(frozenset(), NONE)


def test_levels_are_ordered_and_named_as_tags_write_them():
    assert DIRECT > QUASI > PSEUDONYMOUS > AGGREGATE > NONE
    assert [str(level) for level in LEVELS] == ["none", "aggregate", "pseudonymous", "quasi", "direct"]
    assert Identifiability.parse("quasi") is QUASI
    with pytest.raises(KeyError):
        Identifiability.parse("somewhat")
