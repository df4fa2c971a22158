"""What is left to declare, from the YAML files and a sample's findings."""

from __future__ import annotations

from datetime import date

import pytest

from privacy_governance.detection.suggestion import Evidence, Suggestion
from privacy_governance.errors import DeclarationError
from privacy_governance.suggesting import CONTRADICTED, UNDECLARED, Tolerated, judged, read_tables, read_tolerated

SOURCES = """
sources:
  - name: shop
    schema: raw
    tables:
      - name: users
        columns:
          - name: email
            config: { meta: { ccpa_category: none, identifiability: none, reason: wrong } }
          - name: nickname
      - name: settings
        config: { meta: { ccpa_category: none, identifiability: none, reason: about no person } }
"""
NOBODY = Tolerated(frozenset())


@pytest.fixture
def project(tmp_path):
    """A dbt project of one sources YAML."""
    (tmp_path / "dbt" / "models" / "shop").mkdir(parents=True)
    (tmp_path / "dbt" / "seeds").mkdir()
    (tmp_path / "dbt" / "models" / "shop" / "_shop__sources.yml").write_text(SOURCES)
    return tmp_path / "dbt"


def email(relation, column):
    evidence = Evidence(sampled=50, non_null=40, matched=40, by_name=True)
    tag = ("contact_information", "identifiers_general", "direct", None)
    return Suggestion(relation, column, "", "text", "email", *tag, 0.99, evidence)


def look(project, *columns, tolerated=NOBODY):
    catalog = {}
    for relation, column in columns:
        catalog.setdefault(relation, {})[column] = "text"
    return judged([email(*column) for column in columns], read_tables(project), catalog, tolerated)


def test_a_column_that_the_yaml_does_not_name_belongs_to_the_source_of_its_table(project):
    (entry,) = look(project, ("raw.users", "work_email")).entries
    assert (entry.source, entry.file) == ("shop", "dbt/models/shop/_shop__sources.yml")
    assert "name: work_email" in entry.yaml


def test_a_column_that_is_named_without_a_tag_is_suggested_too(project):
    found = look(project, ("raw.users", "nickname"))
    assert (found.untagged, len(found.entries)) == (1, 1)


def test_a_table_nobody_declares_belongs_to_a_source_named_after_its_schema(project):
    (entry,) = look(project, ('raw."Stray"', "email")).entries
    assert (entry.source, entry.file) == ("raw", None)
    assert "data_type: text" in entry.yaml


def test_a_tag_that_values_contradict_is_told_with_its_counts(project):
    found = look(project, ("raw.users", "email"))
    assert not found.entries
    (contradiction,) = found.contradictions
    assert "40 of 40 sampled values look like email" in contradiction.message


def test_a_table_that_is_declared_as_a_whole_is_held_to_that(project):
    found = look(project, ("raw.settings", "contact"))
    assert not found.entries
    assert [each.column for each in found.contradictions] == ["contact"]


@pytest.mark.parametrize(
    ("rule", "relation", "column"),
    [(UNDECLARED, "raw.users", "work_email"), (UNDECLARED, "raw.users", ""), (CONTRADICTED, "raw.users", "email")],
)
def test_what_an_exception_tolerates_is_only_counted(project, rule, relation, column):
    looked_at = (relation, column or "work_email")
    found = look(project, looked_at, tolerated=Tolerated(frozenset({(rule, relation, column)})))
    assert (found.entries, found.contradictions, found.tolerated) == ((), (), 1)


def test_an_exception_holds_from_its_approval_to_its_last_day(project):
    (project / "seeds" / "governance_exceptions.csv").write_text(
        "rule,relation,column_name,reason,approver,approved_on,expires_on\nr,raw.t,,because,dpo,2026-03-01,2026-03-31\n"
    )
    days = [date(2026, 2, 28), date(2026, 3, 1), date(2026, 3, 31), date(2026, 4, 1)]
    assert [read_tolerated(project, day).holds("r", "raw.t", "c") for day in days] == [False, True, True, False]


def test_an_exception_without_a_day_names_its_line(project):
    (project / "seeds" / "governance_exceptions.csv").write_text(
        "rule,relation,column_name,reason,approver,approved_on,expires_on\nr,raw.t,,because,dpo,soon,2026-03-31\n"
    )
    with pytest.raises(DeclarationError, match=r"governance_exceptions\.csv:2"):
        read_tolerated(project, date(2026, 3, 1))


@pytest.mark.parametrize(
    ("text", "said"),
    [("sources: [\n", "broken.yml:2 is no YAML"), ("sources:\n  - tables: [{}]\n", "not of the shape")],
)
def test_a_yaml_that_can_not_be_read_names_the_file(project, text, said):
    (project / "models" / "broken.yml").write_text(text)
    with pytest.raises(DeclarationError, match=said):
        read_tables(project)
