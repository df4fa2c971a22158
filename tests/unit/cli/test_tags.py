"""What `govern tags` prints: tags with the statute's letters, paths to read, YAML to paste."""

from __future__ import annotations

import csv
import io
import subprocess
import sys
from datetime import date

import pytest
import yaml
from rich.text import Text

from privacy_governance.algebra import Identifiability, Tag
from privacy_governance.categories import load_taxonomy
from privacy_governance.cli.tag_texts import as_csv, as_row, explanation_lines, suggestion_text, tag_words
from privacy_governance.detection.suggestion import Evidence, Suggestion
from privacy_governance.explaining import explain, lineage
from privacy_governance.settings import CHECKOUT
from privacy_governance.suggesting import Entry, Suggested
from privacy_governance.tagging import ColumnTag
from privacy_governance.tracing import Edge

TAXONOMY = load_taxonomy(CHECKOUT / "dbt_project", on=date(2026, 3, 1))


def tagged(name, *categories, level=Identifiability.DIRECT):
    relation, _, column = name.rpartition(".")
    return ColumnTag(relation, column, Tag(frozenset(categories), level), "declared", (name,), None)


EMAIL = tagged("raw.users.email", "identifiers_general", "commercial_information")
UNKNOWN = ColumnTag("raw.users", "shoe_size", None, "unknown", (), "Tag it.")


def lines_of(edges, *tags):
    found = explain("i.t", "x", lineage(edges, tags))
    return [Text.from_markup(line).plain for line in explanation_lines(found, found.paths, TAXONOMY)]


def edge(source, column, output=("i.t", "x"), sql="x", kind="direct"):
    return Edge(*output, source, column, kind, sql, (), None)


@pytest.mark.parametrize("command", ["list", "explain", "suggest", "docs"])
def test_the_help_of_each_command_has_an_example(command):
    call = [sys.executable, "-c", "from privacy_governance.cli import main; main()", "tags", command, "--help"]
    shown = subprocess.run(call, capture_output=True, text=True, check=True)
    assert f"Example: govern tags {command}" in shown.stdout


def test_a_row_carries_the_letters_of_its_categories():
    row = as_row(EMAIL, TAXONOMY)
    assert row["categories"] == ["commercial_information", "identifiers_general"]
    assert row["letters"] == ["A", "D"]
    assert row["identifiability"] == "direct"


def test_an_unknown_tag_has_no_category_and_says_unknown():
    row = as_row(UNKNOWN, TAXONOMY)
    assert (row["categories"], row["letters"], row["identifiability"]) == ([], [], "unknown")


def test_csv_reads_back():
    rows = list(csv.DictReader(io.StringIO(as_csv([as_row(EMAIL, TAXONOMY), as_row(UNKNOWN, TAXONOMY)]))))
    assert rows[0]["categories"] == "commercial_information identifiers_general"
    assert rows[1]["reason"] == "Tag it."


def test_a_tag_in_words_names_category_letter_and_identifiability():
    assert tag_words(tagged("a.b.c", "identifiers_general"), TAXONOMY) == "identifiers_general (A), direct"
    assert tag_words(tagged("a.b.c", level=Identifiability.NONE), TAXONOMY) == "not personal"


def test_a_path_shows_the_sql_of_each_step_and_brackets_are_no_markup():
    lines = lines_of([edge("raw.users", "email", sql="tags[1] || '[red]'")], EMAIL)
    assert "  ↓ tags[1] || '[red]'" in lines
    assert lines[-1] == "  i.t.x"


def test_an_indirect_path_is_marked():
    lines = lines_of([edge("raw.users", "email", kind="indirect")], EMAIL)
    assert any(line.endswith("(indirect)") for line in lines)


def test_a_rest_that_another_path_told_is_not_told_again():
    rest = [edge("s.t", "a", ("s.u", "a"), sql="told once"), edge("s.u", "a")]
    starts = [edge("raw.users", name, ("s.t", "a")) for name in ("email", "phone")]
    lines = lines_of([*starts, *rest], EMAIL, tagged("raw.users.phone"))
    assert sum("told once" in line for line in lines) == 1
    assert sum("and on as above" in line for line in lines) == 1


def test_suggestions_are_yaml_and_their_remarks_comments():
    evidence = Evidence(sampled=9, non_null=9, matched=9, by_name=False)
    tag = ("email", "contact_information", "identifiers_general", "direct", None, 0.9, evidence)
    suggestions = (Suggestion("raw.users", "email", "", "text", *tag),)
    entries = tuple(
        Entry(source, file, suggestions) for source, file in [("shop", "_shop__sources.yml"), ("raw", None)]
    )
    found = Suggested(entries, (), tables=1, columns=1, untagged=1, tolerated=0)
    first, second, remarks = yaml.safe_load_all(suggestion_text(found))
    assert [document["sources"][0]["name"] for document in (first, second)] == ["shop", "raw"]
    assert remarks is None
