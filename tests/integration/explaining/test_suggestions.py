"""`govern tags suggest` on a freshly loaded warehouse, before any night: what to declare, never a value."""

from __future__ import annotations

import pytest
import yaml

from lib.nights import ON


@pytest.fixture(scope="module")
def loaded(governed):
    """A warehouse without a night, with an undeclared column, an undeclared table and a tag that values contradict."""
    with governed.warehouse.connect("add what nobody declares") as connection:
        connection.execute("alter table raw.users add column work_mail text")
        connection.execute("update raw.users set work_mail = 'person' || substr(md5(id), 1, 6) || '@example.org'")
        connection.execute('create table raw."Stray" as select id, phone from raw.users')
        connection.execute(
            "update raw.feature_used set context_library_name = 'who' || substr(id, 1, 5) || '@example.org'"
        )
    return governed


def suggest(checkout, *arguments):
    return checkout.govern("tags", "suggest", "--date", ON.isoformat(), *arguments)


def documents(told):
    return [document for document in yaml.safe_load_all(told.stdout) if document]


def test_an_undeclared_column_is_suggested_for_the_source_of_its_table(loaded):
    told = suggest(loaded, "--relation", "raw.users")
    assert told.returncode == 1
    (document,) = documents(told)
    (source,) = document["sources"]
    (column,) = source["tables"][0]["columns"]
    assert (source["name"], column["name"], column["data_type"]) == ("segment", "work_mail", "text")
    assert column["config"]["meta"]["identifiability"] == "direct"
    assert "_segment__sources.yml" in told.stdout


def test_a_table_nobody_declares_gets_an_entry_of_its_own(loaded):
    told = suggest(loaded, "--source", "raw")
    assert told.returncode == 1
    (document,) = documents(told)
    (table,) = document["sources"][0]["tables"]
    assert table["name"] == "Stray"
    assert [(column["name"], column["data_type"]) for column in table["columns"]] == [("id", "text"), ("phone", "text")]


def test_a_contradicted_tag_is_told_with_its_evidence_until_an_exception_tolerates_it(loaded):
    told = suggest(loaded, "--relation", "raw.feature_used")
    assert told.returncode == 1
    assert "contradicted: raw.feature_used.context_library_name" in told.stdout
    assert "sampled values look like email" in " ".join(told.stdout.replace("\n# ", " ").split())
    exceptions = loaded.settings.dbt_project / "seeds" / "governance_exceptions.csv"
    before = exceptions.read_text()
    exceptions.write_text(
        before.rstrip("\n") + "\nviolation_contradicted_tag,raw.feature_used,context_library_name,"
        f"made up,dpo,{ON},{ON}\n"
    )
    try:
        tolerated = suggest(loaded, "--relation", "raw.feature_used")
    finally:
        exceptions.write_text(before)
    assert tolerated.returncode == 0, tolerated.stdout
    assert "1 tolerated by an exception" in tolerated.stdout


def test_what_was_pasted_is_not_suggested_again(loaded):
    file = loaded.settings.dbt_project / "models" / "staging" / "segment" / "_segment__sources.yml"
    before = file.read_text()
    (suggested,) = documents(suggest(loaded, "--relation", "raw.users"))
    declared = yaml.safe_load(before)
    tables = {table["name"]: table for table in declared["sources"][0]["tables"]}
    tables["users"]["columns"] += suggested["sources"][0]["tables"][0]["columns"]
    file.write_text(yaml.safe_dump(declared))
    try:
        told = suggest(loaded, "--relation", "raw.users")
    finally:
        file.write_text(before)
    assert told.returncode == 0, told.stdout
    assert "0 without a tag" in told.stdout


def test_no_sampled_value_is_printed(loaded):
    told = suggest(loaded)
    with loaded.warehouse.connect("read values") as connection:
        values = connection.execute(
            "select work_mail from raw.users union select email from raw.users union select phone from raw.users"
            " union select id from raw.users union select context_library_name from raw.feature_used"
        ).fetchall()
    assert len(values) > 400
    assert not [1 for (value,) in values if value and value in told.stdout + told.stderr]


def test_a_source_that_is_not_there_exits_with_2_and_names_the_sources(loaded):
    refused = suggest(loaded, "--source", "segmnt")
    assert refused.returncode == 2
    assert "business, demo, privacy_desk, raw, segment" in refused.stderr


def test_an_empty_warehouse_exits_with_2_and_says_what_to_run(checkout):
    refused = suggest(checkout)
    assert refused.returncode == 2
    assert "Run govern load" in refused.stderr
