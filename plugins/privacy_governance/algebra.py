"""What a transformation does to identifiability: one table, each row with its reason, and the join of tags.

Identifiability is ranked by what an onlooker still needs to reach the person behind a value: `direct` nothing,
`quasi` other attributes, `pseudonymous` the key, `aggregate` the other rows, `none` can't. The rank is a total order on
purpose: where two values meet in one column, the column needs the stricter handling of the two, and the handling of
each rank covers all below it (a quasi-identifier is generalized *and* its row is still tokenized). It does not say that
a token is harmless: `pseudonymous` data is personal data (Cal. Civ. Code 1798.140(aa)).

Every effect is a ceiling: a value leaves a function at most that identifying, and no function makes it more so.
Ceilings compose by their minimum, so the effect of a chain does not depend on how a query is cut into CTEs and models.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


class Identifiability(IntEnum):
    """How identifying a value is; a greater one wins where tags meet."""

    NONE = 0
    AGGREGATE = 1
    PSEUDONYMOUS = 2
    QUASI = 3
    DIRECT = 4

    @classmethod
    def parse(cls, word: str) -> Identifiability:
        """Return the level that a tag's word names, e.g. `quasi`; KeyError for any other word."""
        return cls[word.upper()]

    def __str__(self) -> str:
        return self.name.lower()


@dataclass(frozen=True)
class Tag:
    """What a column holds: the categories of personal information, and how identifying its values are."""

    categories: frozenset[str]
    identifiability: Identifiability


@dataclass(frozen=True)
class Effect:
    """The ceiling that a function puts on the identifiability of what it returns, and why."""

    ceiling: Identifiability
    reason: str


class Transformed(Protocol):
    """What `move` needs of a transformation: the functions that the value passed, outermost first."""

    @property
    def functions(self) -> tuple[str, ...]:
        """Names of functions and operators, as PostgreSQL calls them."""
        ...


# The space keeps SQL from naming it: no call in a query can pose as the pattern that lineage recognizes.
KEYED_TOKEN = "keyed token"  # noqa: S105 - the name of an effect

_KEEPS = {
    "the same value in another spelling": (
        "lower upper initcap trim btrim ltrim rtrim cast collate replace translate regexp_replace normalize unaccent "
        "lpad rpad reverse format quote_literal quote_ident quote_nullable to_char to_date to_timestamp to_number "
        "encode decode convert_to convert_from to_json to_jsonb row_to_json timezone host abbrev"
    ),
    "one of its inputs, unchanged": (
        "coalesce case nullif greatest least min max any_value mode first_value last_value nth_value lag lead "
        "percentile_disc"
    ),
    "holds every input value": (
        "|| concat concat_ws string_agg array_agg json_agg jsonb_agg json_object_agg jsonb_object_agg xmlagg "
        "json_build_object jsonb_build_object json_build_array jsonb_build_array row array array_append array_cat "
        "array_to_string array_to_json"
    ),
    "a part that can still single a person out": (
        "substring left right split_part regexp_match regexp_matches regexp_substr regexp_split_to_array "
        "regexp_split_to_table string_to_array string_to_table unnest -> ->> #> #>> subscript json_extract_path "
        "json_extract_path_text jsonb_extract_path jsonb_extract_path_text jsonb_path_query json_each json_each_text "
        "jsonb_each jsonb_each_text json_array_elements json_array_elements_text jsonb_array_elements "
        "jsonb_array_elements_text jsonb_to_record jsonb_to_recordset json_to_record json_to_recordset"
    ),
    "coarser, but only a validation that counted who shares each value can say whether it is coarse enough": (
        "date_trunc date_part extract age round trunc floor ceil ceiling width_bucket date_bin set_masklen network"
    ),
    "a group may hold one row, and then this is that row's value": "sum avg median percentile_cont",
    "no key: whoever can list the inputs (addresses, phone numbers) can hash them and look the person up": (
        "md5 sha224 sha256 sha384 sha512 digest hashtext hashtextextended hash_record hash_record_extended crypt"
    ),
    "keyed by something that is not a key of governance.*: anyone who reads the SQL or the row may hold it": "hmac",
}

EFFECTS: Mapping[str, Effect] = {
    **{name: Effect(Identifiability.DIRECT, why) for why, names in _KEEPS.items() for name in names.split()},
    KEYED_TOKEN: Effect(
        Identifiability.PSEUDONYMOUS,
        "HMAC-SHA256 under a key of governance.*: nobody without the key can compute or test it, but it still links",
    ),
    "length": Effect(Identifiability.QUASI, "a length is shared by many, though it narrows who it is"),
    "char_length": Effect(Identifiability.QUASI, "a length is shared by many, though it narrows who it is"),
    "octet_length": Effect(Identifiability.QUASI, "a length is shared by many, though it narrows who it is"),
    "is null": Effect(Identifiability.QUASI, "one bit, that a value is there, narrows but names nobody"),
    "count": Effect(Identifiability.AGGREGATE, "the number of values holds none of them"),
    "approx_distinct": Effect(Identifiability.AGGREGATE, "the number of values holds none of them"),
    "regr_count": Effect(Identifiability.AGGREGATE, "the number of values holds none of them"),
    **{
        name: Effect(
            Identifiability.AGGREGATE,
            "a spread of one row is null or zero, so no row's own value can be read from it",
        )
        for name in [
            "stddev",
            "stddev_samp",
            "stddev_pop",
            "variance",
            "var_samp",
            "var_pop",
            "covar_samp",
            "covar_pop",
            "corr",
        ]
    },
    "pg_typeof": Effect(Identifiability.NONE, "the type is the column's, whatever the value is"),
}

UNKNOWN = Effect(Identifiability.DIRECT, "not in the table of effects, so it is taken to return its input")
UNCHANGED = "the value flows unchanged"


def effect_of(function: str) -> Effect:
    """Return the effect of a function or operator by its PostgreSQL name; an unknown one keeps its input."""
    return EFFECTS.get(function, UNKNOWN)


def move(tag: Tag, transformation: Transformed) -> tuple[Tag, str]:
    """Return the tag of a value after a transformation, and the reason: of the function that lowered it most.

    Functions are taken innermost first, so of two with the same ceiling the reason is that of the first to apply.
    """
    level = tag.identifiability
    reason = ""
    for name in reversed(transformation.functions):
        effect = effect_of(name)
        if effect.ceiling < level:
            level = effect.ceiling
            reason = f"{name}: {effect.reason}"
    if reason:
        return Tag(tag.categories, level), reason
    if not transformation.functions:
        return tag, UNCHANGED
    outermost = transformation.functions[0]
    return tag, f"{outermost}: {effect_of(outermost).reason}"


def join(tags: Iterable[Tag]) -> Tag:
    """Return the tag of a value made of several: categories unite, the more identifying wins; of nothing, none."""
    categories: set[str] = set()
    level = Identifiability.NONE
    for tag in tags:
        categories |= tag.categories
        level = max(level, tag.identifiability)
    return Tag(frozenset(categories), level)
