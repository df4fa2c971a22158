"""Hierarchies: what a file or a few words say about a column, and what is refused, with file and line."""

from __future__ import annotations

from datetime import date

import pytest

from privacy_governance.errors import AnonymizationError
from privacy_governance.generalization.generated import Mask, dates, intervals, load, masks
from privacy_governance.generalization.hierarchies import read_hierarchy


def written(tmp_path, text, name="age.csv"):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


def parents(hierarchy, leaf):
    at = hierarchy.position[leaf]
    return [level.labels[level.node_of[at]] for level in hierarchy.levels]


def test_a_file_in_the_form_of_arx_gives_each_value_its_levels(tmp_path):
    path = written(tmp_path, "Paris;France;Europe;*\nLima;Peru;America;*\nLyon;France;Europe;*\n")
    hierarchy = read_hierarchy(path, "city")
    assert parents(hierarchy, "Lyon") == ["Lyon", "France", "Europe", "*"]
    assert not hierarchy.is_ordered


def test_the_leaves_of_every_node_are_neighbours(tmp_path):
    hierarchy = read_hierarchy(written(tmp_path, "a;x;*\nb;y;*\nc;x;*\nd;y;*\n"), "letter")
    for level in hierarchy.levels:
        for node, (first, last) in enumerate(zip(level.first, level.last, strict=True)):
            assert (level.node_of[first : last + 1] == node).all()
            assert (level.node_of == node).sum() == last - first + 1


def test_loss_is_the_share_of_leaves_under_a_node_and_none_for_an_exact_value(tmp_path):
    hierarchy = read_hierarchy(written(tmp_path, "a;x;*\nb;y;*\nc;x;*\nd;z;*\n"), "letter")
    at = hierarchy.position
    assert hierarchy.loss[:, at["a"]].tolist() == [0, 0.5, 1]
    assert hierarchy.loss[:, at["d"]].tolist() == [0, 0.25, 1]


@pytest.mark.parametrize(
    ("text", "added"),
    [("a\nb\n", ["a", "*"]), ("a;x\nb;y\n", ["a", "x", "*"]), ("a;x\nb;x\n", ["a", "x"])],
    ids=["values alone", "two tops", "one top already"],
)
def test_a_top_is_added_where_there_is_none(tmp_path, text, added):
    assert parents(read_hierarchy(written(tmp_path, text), "letter"), "a") == added


def test_numbers_are_ordered_by_value_not_by_text(tmp_path):
    hierarchy = read_hierarchy(written(tmp_path, "9;0-9;*\n10;10-19;*\n100;100-109;*\n2;0-9;*\n"), "age")
    assert hierarchy.leaves == ("2", "9", "10", "100")
    assert hierarchy.is_ordered


def test_instants_are_ordered_to_the_second_not_to_the_day(tmp_path):
    late, early, next_day = "2026-01-31 23:30:00+00", "2026-01-31 08:00:00+00", "2026-02-01 00:00:00+00"
    hierarchy = read_hierarchy(written(tmp_path, f"{late};*\n{next_day};*\n{early};*\n"), "seen_at")
    assert hierarchy.leaves == (early, late, next_day)
    assert hierarchy.is_ordered


def test_numbers_whose_nodes_are_scattered_have_no_ranges(tmp_path):
    hierarchy = read_hierarchy(written(tmp_path, "1;odd;*\n2;even;*\n3;odd;*\n"), "number")
    assert not hierarchy.is_ordered


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("1;a;*\n2;a\n", r"age\.csv, line 2: 2 fields; line 1 has 3"),
        ("1;a;*\n\n2;;*\n", r"age\.csv, line 3: level 1 is missing"),
        ("1;a;*\n2;a;*\n1;a;*\n", r"age\.csv, line 3: the same value as line 1"),
        ("1;a;x;*\n2;b;y;*\n3;a;y;*\n", r"age\.csv, line 3: what stands at level 1 has another parent than in line 1"),
        ("1;a;*\n2;1;*\n", r"age\.csv: a label of level 1 means other values at a lower level"),
        ("", r"age\.csv is empty"),
        ('"1;a\n', r"age\.csv can't be read"),
    ],
    ids=["ragged", "missing", "twice", "two parents", "ambiguous", "empty", "open quote"],
)
def test_a_file_that_contradicts_itself_is_refused_with_its_line(tmp_path, text, said):
    with pytest.raises(AnonymizationError, match=said):
        read_hierarchy(written(tmp_path, text), "age")


def test_intervals_are_aligned_at_zero(tmp_path):
    assert parents(intervals("age", 0, 110, [5, 10]), "37") == ["37", "35-39", "30-39", "*"]


def test_widths_that_would_give_an_interval_two_parents_are_refused():
    with pytest.raises(AnonymizationError, match="multiple of the one before"):
        intervals("age", 0, 110, [4, 10])


def test_days_rise_to_months_years_and_decades():
    hierarchy = dates("born_on", date(1979, 1, 1), date(1981, 12, 31), ["month", "year", "decade"])
    assert parents(hierarchy, "1980-02-29") == ["1980-02-29", "1980-02", "1980", "1980s", "*"]
    assert hierarchy.is_ordered


def test_a_mask_hides_characters_from_the_right():
    assert parents(masks("zip", ["02139", "02138", "94110"], 3), "02139") == ["02139", "0213*", "021**", "02***", "*"]


def test_hierarchies_come_from_files_and_from_declarations(tmp_path):
    written(tmp_path, "M;*\nF;*\n", "adult_hierarchy_sex.csv")
    written(tmp_path, "zip: {mask: 2}\nage: {numbers: [0, 9], widths: [5]}\n", "hierarchies.yml")
    sex, code, age = load(tmp_path, ["sex", "zip", "age"])
    assert sex.leaves == ("M", "F")
    assert code == Mask("zip", 2)
    assert parents(age, "7") == ["7", "5-9", "*"]


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({}, "column age has no hierarchy. Add age.csv"),
        ({"age.csv": "1;*\n", "x_hierarchy_age.csv": "1;*\n"}, "column age has more than one hierarchy"),
        ({"age.csv": "1;*\n", "hierarchies.yml": "age: {mask: 1}\n"}, "column age has more than one hierarchy"),
        ({"hierarchies.yml": "age: {widths: [5]}\n"}, "hierarchies.yml, age: not understood"),
        ({"hierarchies.yml": "- age\n"}, "no mapping of columns"),
        ({"hierarchies.yml": "age: [\n"}, "can't be read as YAML"),
        ({"hierarchies.yml": "age: {numbers: [9, 0], widths: [5]}\n"}, "-8 values between its ends"),
        ({"hierarchies.yml": "age: {dates: [2020-01-01, 2021-01-01], by: [year, month]}\n"}, "in this order"),
    ],
    ids=["none", "two files", "file and line", "half a declaration", "a list", "no YAML", "backwards", "periods"],
)
def test_a_folder_that_does_not_say_one_hierarchy_is_refused(tmp_path, files, said):
    for name, text in files.items():
        written(tmp_path, text, name)
    with pytest.raises(AnonymizationError, match=said):
        load(tmp_path, ["age"])
