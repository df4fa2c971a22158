"""dbt's documentation with tags: each column shows its own, whether a YAML names it or not."""

from __future__ import annotations

import json

import pytest

from privacy_governance.algebra import Identifiability, Tag
from privacy_governance.documenting import in_script, with_tags
from privacy_governance.tagging import ColumnTag


def manifest():
    named = {"name": "email", "description": "Their address.", "meta": {"kept": "yes"}, "tags": []}
    model = {"schema": "staging", "alias": "stg_users", "columns": {"email": named}}
    source = {"schema": "raw", "identifier": "Mixed", "columns": {}}
    return {"nodes": {"model.p.stg_users": model}, "sources": {"source.p.raw.mixed": source}}


def tagged(relation, column, path=()):
    return ColumnTag(relation, column, Tag(frozenset({"c"}), Identifiability.QUASI), "derived", path, "because")


def test_a_column_keeps_its_description_and_meta_beside_its_tag():
    tags = [tagged("staging.stg_users", "email", ("raw.t.email", "lower(email)", "staging.stg_users.email"))]
    column = with_tags(manifest(), tags)["nodes"]["model.p.stg_users"]["columns"]["email"]
    assert column["description"] == "Their address. [quasi: c; from raw.t.email]"
    assert column["meta"]["kept"] == "yes"
    assert column["meta"]["tag_path"] == "raw.t.email → lower(email)"
    assert column["meta"]["tag_reason"] == "because"


def test_a_column_that_no_yaml_names_is_added_with_its_tag():
    made = with_tags(manifest(), [tagged('raw."Mixed"', "stray")])
    assert made["sources"]["source.p.raw.mixed"]["columns"]["stray"]["description"] == "[quasi: c]"


@pytest.mark.parametrize("text", ["select '</script>'", "<!-- <script>"])
def test_no_text_of_the_project_ends_the_script_it_stands_in_or_keeps_it_from_ending(text):
    shown = in_script({"sql": text})
    assert "<" not in shown
    assert json.loads(shown) == {"sql": text}
