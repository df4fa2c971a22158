"""A folder of .sql files beside a schema file."""

from __future__ import annotations

import json

import pytest

from privacy_governance.errors import DeclarationError, LineageError
from privacy_governance.projects import read_project, trace_project


@pytest.fixture
def folder(tmp_path):
    """Write files into a folder: path → text."""

    def write(files):
        for path, text in files.items():
            file = tmp_path / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
        return tmp_path

    return write


def direct(trace, relation):
    return {
        (edge.source_relation, edge.source_column, edge.output_column)
        for edge in trace.edges
        if edge.kind == "direct" and edge.output_relation == relation
    }


SCHEMA = "raw.users: {id: text, email: text}\n"


def test_models_are_put_in_the_order_that_their_sql_asks_for(folder):
    project = read_project(
        folder(
            {
                "schema.yml": SCHEMA,
                "a_last.sql": "select * from deep.c_middle",
                "deep/deep.c_middle.sql": "select * from z_first",
                "z_first.sql": "select email from raw.users",
            }
        )
    )
    assert [model.relation for model in project.manifest.models] == ["z_first", "deep.c_middle", "a_last"]
    assert direct(trace_project(project), "a_last") == {("deep.c_middle", "email", "email")}


def test_a_cte_may_bear_the_name_of_the_table_it_reads(folder):
    project = read_project(
        folder(
            {
                "schema.yml": SCHEMA,
                "users.sql": "select * from raw.users",
                "a.sql": "with users as (select id from users), b as (select * from users) select * from b",
            }
        )
    )
    traced = trace_project(project)
    assert direct(traced, "a") == {("users", "id", "id")}
    assert not traced.unresolved


def test_a_cte_that_shares_a_models_name_makes_no_circle(folder):
    project = read_project(
        folder(
            {
                "schema.yml": SCHEMA,
                "b.sql": "with a as (select id from raw.users) select id from a",
                "a.sql": "select id from b",
            }
        )
    )
    assert [model.name for model in project.manifest.models] == ["b", "a"]


def test_tables_of_subqueries_unions_and_joins_are_dependencies(folder):
    project = read_project(
        folder(
            {
                "schema.yml": SCHEMA,
                "a.sql": "select id from x where id in (select id from y) union select (select max(id) from z)",
                "x.sql": "select id from raw.users",
                "y.sql": "select id from raw.users",
                "z.sql": "select id from raw.users",
            }
        )
    )
    assert project.manifest.models[-1].name == "a"


def test_a_schema_file_may_be_json_and_stand_elsewhere(folder, tmp_path):
    models = folder({"models/u.sql": "select id from raw.users", "s.json": json.dumps({"raw.users": ["id"]})})
    project = read_project(models / "models", schema=tmp_path / "s.json")
    assert not trace_project(project).unresolved


def test_a_table_that_the_schema_lacks_is_unresolved(folder):
    traced = trace_project(read_project(folder({"u.sql": "select id from raw.users"})))
    assert traced.coverage == 0.0
    assert "schema file" in traced.unresolved[0].fix


def test_names_keep_the_case_they_are_quoted_in(folder):
    traced = trace_project(
        read_project(
            folder(
                {
                    "schema.yml": "'raw.\"Users\"': {Id: text}\n",
                    '"Mixed".sql': 'select "Id" from raw."Users"',
                    "m.sql": 'select "Id" from "Mixed"',
                }
            )
        )
    )
    assert not traced.unresolved
    assert direct(traced, "m") == {('"Mixed"', "Id", "Id")}


def test_a_name_within_one_pair_of_backticks_has_its_parts(folder):
    files = {"schema.yml": "'`my-project.raw.users`': {id: STRING}\n", "u.sql": "select ID from `my-project`.raw.users"}
    traced = trace_project(read_project(folder(files), dialect="bigquery"))
    assert direct(traced, "u") == {('"my-project".raw.users', "id", "id")}


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({}, "neither a dbt project nor .sql files"),
        ({"a.sql": "select 1 as x", "b/a.sql": "select 1 as x"}, "are both the model a. Rename one"),
        ({"a.sql": "select * from b", "b.sql": "select * from a"}, "circle"),
        ({"a.sql": "select * from {{ ref('b') }}"}, "a.sql is a template, not SQL"),
        ({"a.sql": "select 1 as x", "schema.yml": "a: [x]"}, "which .* lists as a table"),
        ({"a.sql": "select 1 as x", "schema.yml": "raw.users:"}, "raw.users has no columns"),
        ({"a.sql": "select 1 as x", "schema.yml": "raw.users: {id: [text]}"}, "raw.users.id is neither a type"),
        ({"a.sql": "select 1 as x", "schema.yml": "- raw.users"}, "not a mapping of tables"),
        ({"a.sql": "select 1 as x", "schema.yml": "raw.users: {id: text, id: int}"}, "id stands twice"),
        ({"a.sql": "select 1 as x", "schema.yml": "raw.users: ["}, "neither YAML nor JSON"),
    ],
)
def test_bad_folders_are_refused_with_the_reason(folder, files, message):
    with pytest.raises(DeclarationError, match=message):
        read_project(folder(files))


def test_a_file_that_does_not_parse_is_named_with_its_line(folder):
    with pytest.raises(LineageError, match=r"^deep/a\.sql: The SQL does not parse at line 3"):
        read_project(folder({"deep/a.sql": "select id\nfrom\nraw.users where and"}))


def test_a_folder_that_does_not_exist_is_refused(tmp_path):
    with pytest.raises(DeclarationError, match="is not a folder"):
        read_project(tmp_path / "nowhere")
