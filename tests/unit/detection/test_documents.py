"""JSON taken apart without spelling anybody's value as a path."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from privacy_governance.detection.documents import leaves, parse

SHAPES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=20,
)


def paths(*documents):
    return {leaf.path for leaf in leaves("context", documents)}


def test_keys_that_return_in_every_document_are_a_vocabulary():
    assert paths({"plan": {"tier": 1}}, {"plan": {"tier": 2}}) == {"$.plan.tier"}


def test_a_list_is_one_path():
    assert paths({"email": ["a", "b"]}) == {"$.email[*]"}


def test_a_key_that_announces_a_kind_is_named_even_once():
    assert paths({"email": "x"}) == {"$.email"}


def test_a_person_used_as_a_key_is_counted_and_never_spelled():
    found = leaves("seen", [{"ann@example.com": 1}, {"ann@example.com": 2}])
    assert {leaf.path for leaf in found} == {"$.*", "$.* (key)"}
    assert next(leaf for leaf in found if leaf.path == "$.* (key)").values == ("ann@example.com",) * 2


def test_an_account_number_used_as_a_key_is_not_spelled_however_often():
    document = {"GB82WEST12345698765432": 1}
    assert paths(document, document) == {"$.*", "$.* (key)"}


def test_a_name_used_as_a_key_once_is_not_spelled():
    assert not any("Ada" in path for path in paths({"Ada": 1}, {"Alan": 2}))


def test_a_map_of_many_keys_is_not_spelled():
    wide = {f"person_{n}": n for n in range(100)}
    assert paths(wide, wide) == {"$.*", "$.* (key)"}


def test_the_last_two_keys_name_a_path():
    names = {leaf.name for leaf in leaves("traits", [{"address": {"city": "x"}}, {"address": {"city": "y"}}])}
    assert names == {"address_city"}


def test_text_that_is_no_document_is_none():
    assert [parse(text) for text in ("", "12", '"a"', "{cut", "[1,")] == [None] * 5


def test_nesting_beyond_reason_is_read_as_text():
    assert parse("[" * 100_000) is None


@given(st.lists(SHAPES, max_size=4))
def test_any_documents_are_taken_apart(documents):
    for leaf in leaves("c", documents):
        assert leaf.path.startswith("$")
        assert all(isinstance(value, str) for value in leaf.values)
