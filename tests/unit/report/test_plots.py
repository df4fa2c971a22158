"""A plot is text of the page: its colours, its font, no ids and no address."""

from __future__ import annotations

import re
from xml.etree import ElementTree

from privacy_governance.report.charts import bars
from privacy_governance.report.page import size_of_class


def plot(title="Classes", values=(0, 12345, 7)):
    return bars(title, ["1", "2 to 4", "5 & more"], values, measure="classes")


def parsed(svg):
    return ElementTree.fromstring(svg)  # noqa: S314 -- of our own making


def test_a_plot_takes_its_colours_and_font_from_the_page():
    svg = plot()
    assert set(re.findall(r"var\(--\w+\)", svg)) == {"var(--text)", "var(--soft)", "var(--link)", "var(--line)"}
    assert "#" not in svg
    assert "font-family" not in svg


def test_a_plot_needs_nothing_else_and_its_ids_clash_with_no_other():
    svg = plot()
    assert "http" not in svg
    assert "url(" not in svg
    assert "id=" not in svg
    assert "<defs" not in svg


def test_a_plot_says_its_title_and_every_value():
    root = parsed(plot("Classes of <b>x</b>"))
    texts = {element.text for element in root.iter("text")}
    assert root.get("role") == "img"
    assert root.get("aria-label") == "Classes of <b>x</b>"
    assert {"12,345", "7", "2 to 4", "5 & more", "classes"} <= texts


def test_the_same_numbers_give_the_same_bytes():
    assert plot() == plot()
    assert plot() != plot(values=(0, 12345, 8))


def test_a_bar_is_as_long_as_its_value():
    lengths = []
    for path in parsed(plot(values=(1, 4, 2))).iter("path"):
        if "fill: var(--link)" in path.get("style", ""):
            xs = [float(number) for number in re.findall(r"[ML] ([\d.]+) ", path.get("d"))]
            lengths.append(max(xs) - min(xs))
    assert [round(length / lengths[0], 3) for length in lengths] == [1, 4, 2]


def test_a_class_size_names_what_it_counts():
    assert [size_of_class(least) for least in (1, 4, 5, 500, 1000)] == [
        "1",
        "4",
        "5 to 9",
        "500 to 999",
        "1,000 or more",
    ]
