"""Somebody else's dbt project, from its manifest."""

from __future__ import annotations

import json
import os

import pytest

from privacy_governance.errors import DeclarationError, LineageError
from privacy_governance.projects import read_project, trace_project

USERS = "source.shop.raw.users"


def direct(trace, relation):
    return {
        (edge.source_relation, edge.source_column, edge.output_column)
        for edge in trace.edges
        if edge.kind == "direct" and edge.output_relation == relation
    }


def trace(project):
    return trace_project(read_project(project.written()))


def test_columns_are_traced_through_a_star_of_a_model(shop):
    shop.model("stg_users", 'select id, lower(email) as mail from "db"."raw"."users"', USERS)
    shop.model("contacts", 'select * from "db"."marts"."stg_users"', "model.shop.stg_users")
    traced = trace(shop)
    assert direct(traced, "marts.contacts") == {
        ("marts.stg_users", "id", "id"),
        ("marts.stg_users", "mail", "mail"),
    }
    assert (traced.answered, traced.columns, traced.coverage) == (4, 4, 1.0)
    assert not traced.unresolved


def test_what_is_unresolved_names_model_column_reason_and_fix(shop):
    shop.model("orders", "select id, total from raw.orders")
    traced = trace(shop)
    assert traced.coverage == 0.0
    total = next(each for each in traced.unresolved if each.column == "total")
    assert (total.model, total.file) == ("marts.orders", "models/marts/orders.sql")
    assert total.reason == "raw.orders is not in the schema"
    assert "dbt docs generate" in total.fix


def test_what_reads_a_star_that_cannot_be_expanded_is_unresolved_too(shop):
    shop.model("stg_orders", "select * from raw.orders")
    shop.model("orders", "select * from marts.stg_orders", "model.shop.stg_orders")
    assert [(each.relation, each.columns, each.answered) for each in trace(shop).relations] == [
        ("marts.stg_orders", 1, 0),
        ("marts.orders", 1, 0),
    ]


def test_the_catalog_knows_columns_that_yaml_leaves_out(shop):
    shop.model("everyone", "select * from raw.users", USERS)
    columns = {name: {"name": name, "index": at, "type": "text"} for at, name in enumerate(["id", "email", "ssn"], 1)}
    shop.written()
    (shop.folder / "target" / "catalog.json").write_text(
        json.dumps({"nodes": {}, "sources": {USERS: {"columns": columns}}})
    )
    project = read_project(shop.folder)
    assert project.partly_known == ()
    assert ("raw.users", "ssn", "ssn") in direct(trace_project(project), "marts.everyone")


def test_a_star_is_expanded_in_the_catalogs_order(shop):
    shop.model("everyone", "select * from raw.users", USERS)
    shop.written()
    columns = {name: {"name": name, "index": at, "type": "text"} for name, at in (("b", 2), ("c", 10), ("a", 1))}
    (shop.folder / "target" / "catalog.json").write_text(json.dumps({"sources": {USERS: {"columns": columns}}}))
    assert list(trace_project(read_project(shop.folder)).schema["marts.everyone"]) == ["a", "b", "c"]


def test_sources_known_from_yaml_only_are_named(shop):
    shop.model("everyone", "select * from raw.users", USERS)
    assert read_project(shop.written()).partly_known == ("raw.users",)


def test_an_ephemeral_model_is_traced_where_it_was_written_into(shop):
    shop.model("named", "select id from raw.users", USERS, config={"materialized": "ephemeral"})
    shop.model(
        "users",
        "with __dbt__cte__named as (select id from raw.users) select id from __dbt__cte__named",
        "model.shop.named",
    )
    traced = trace(shop)
    assert [each.name for each in traced.relations] == ["users"]
    assert direct(traced, "marts.users") == {("raw.users", "id", "id")}


def test_a_model_comes_after_what_it_reads_through_an_ephemeral_one(shop):
    shop.model(
        "last", "with __dbt__cte__mid as (select * from marts.first) select * from __dbt__cte__mid", "model.shop.mid"
    )
    shop.model("mid", None, "model.shop.first", config={"materialized": "ephemeral"})
    shop.model("first", "select id from raw.users", USERS)
    assert not trace(shop).unresolved


def test_a_seeds_columns_are_those_of_its_header(shop):
    shop.model("countries", "select * from marts.codes", "seed.shop.codes")
    shop.nodes["seed.shop.codes"] = {
        **shop.nodes["model.shop.countries"],
        "resource_type": "seed",
        "name": "codes",
        "relation_name": '"db"."marts"."codes"',
        "original_file_path": "seeds/codes.csv",
        "config": {"materialized": "seed", "delimiter": ";"},
    }
    (shop.folder / "seeds").mkdir()
    (shop.folder / "seeds" / "codes.csv").write_text('code;"long; name"\nDE;Germany\n')
    assert direct(trace(shop), "marts.countries") == {
        ("marts.codes", "code", "code"),
        ("marts.codes", "long; name", "long; name"),
    }


def test_a_packages_seed_is_not_taken_for_a_file_of_the_project(shop):
    shop.model("codes", "select * from marts.codes", "seed.lib.codes")
    shop.nodes["seed.lib.codes"] = {
        **shop.nodes["model.shop.codes"],
        "resource_type": "seed",
        "package_name": "lib",
        "relation_name": '"db"."marts"."lib_codes"',
        "original_file_path": "seeds/codes.csv",
    }
    for folder, header in ((shop.folder / "seeds", "own"), (shop.folder / "dbt_packages" / "lib" / "seeds", "theirs")):
        folder.mkdir(parents=True)
        (folder / "codes.csv").write_text(f"{header}\n")
    assert read_project(shop.written()).catalog["marts.lib_codes"] == {"theirs": ""}


def test_a_snapshots_columns_by_dbt_come_from_its_key_and_its_clock(shop):
    shop.model(
        "users_history",
        "select id, email from raw.users -- everyone",
        USERS,
        resource_type="snapshot",
        config={"materialized": "snapshot", "strategy": "timestamp", "unique_key": "id", "updated_at": "email"},
    )
    shop.model("versions", "select dbt_scd_id, dbt_valid_to from marts.users_history", "model.shop.users_history")
    traced = trace(shop)
    assert not traced.unresolved
    assert {edge for edge in direct(traced, "marts.users_history") if edge[2].startswith("dbt_scd")} == {
        ("raw.users", "id", "dbt_scd_id"),
        ("raw.users", "email", "dbt_scd_id"),
    }


def test_an_incremental_model_may_read_what_it_built_before(shop):
    shop.model("users", "select id from raw.users where id > (select max(id) from marts.users)", USERS)
    traced = trace(shop)
    assert not traced.unresolved
    assert direct(traced, "marts.users") == {("raw.users", "id", "id")}


def test_a_python_model_is_unresolved_and_so_is_what_reads_it(shop):
    shop.model("scores", "def model(dbt, session): ...", language="python")
    shop.model("scored", "select score from marts.scores", "model.shop.scores")
    traced = trace(shop)
    assert traced.coverage == 0.0
    assert traced.unresolved[0].reason == "a Python model has no SQL to trace"


def test_quoted_and_mixed_case_names_are_kept_apart_from_folded_ones(shop):
    shop.source("Orders", {"Id": {}, "id": {}})
    shop.model("orders", 'select "Id" as "Key", ID as key from raw."Orders"', "source.shop.raw.Orders")
    assert direct(trace(shop), "marts.orders") == {
        ('raw."Orders"', "Id", "Key"),
        ('raw."Orders"', "id", "key"),
    }


def test_an_unquoted_snowflake_project_is_traced_in_its_dialect(shop):
    shop.adapter = "snowflake"
    shop.source("users", {"id": {}, "email": {}}, relation_name="DB.raw.users")
    shop.model(
        "contacts", 'select u.email::varchar as "Mail" from db.RAW.users as u', USERS, relation_name="db.marts.contacts"
    )
    project = read_project(shop.written())
    traced = trace_project(project)
    assert project.dialect == "snowflake"
    assert not traced.unresolved
    assert [edge[1:] for edge in direct(traced, '"MARTS"."CONTACTS"')] == [("email", "Mail")]


def test_a_catalogs_upper_case_column_is_the_one_that_yaml_tags(shop):
    shop.adapter = "snowflake"
    shop.source("users", {"id": {}}, relation_name="db.raw.users")
    shop.model("u", "select * from db.raw.users", USERS, relation_name="db.marts.u")
    shop.written()
    columns = {name: {"name": name, "index": at, "type": "TEXT"} for at, name in enumerate(["ID", "SSN"])}
    (shop.folder / "target" / "catalog.json").write_text(json.dumps({"sources": {USERS: {"columns": columns}}}))
    assert read_project(shop.folder).catalog == {'"RAW"."USERS"': {"id": "TEXT", "SSN": "TEXT"}}


def test_bigquerys_backticks_are_read(shop):
    shop.adapter = "bigquery"
    shop.source("users", {"id": {}}, relation_name="`my-project`.`raw`.`users`")
    shop.model("u", "select id from `my-project.raw.users`", USERS, relation_name="`my-project`.`marts`.`u`")
    assert not trace(shop).unresolved


def test_two_databases_with_the_same_schema_are_told_apart(shop):
    shop.source("users", {"id": {}})
    shop.sources["source.shop.old.users"] = {**shop.sources[USERS], "relation_name": '"old"."raw"."users"'}
    shop.model("u", 'select id from "old"."raw"."users"', "source.shop.old.users")
    assert direct(trace(shop), "db.marts.u") == {("old.raw.users", "id", "id")}


def test_a_folder_without_a_manifest_is_refused_with_the_command_to_run(shop):
    with pytest.raises(DeclarationError, match=r"manifest\.json is missing\. Compile the project first: dbt compile"):
        read_project(shop.folder)


def test_a_manifest_of_dbt_parse_is_refused_with_the_command_to_run(shop):
    shop.model("users", None, USERS)
    with pytest.raises(DeclarationError, match=r"dbt only parsed\. Compile the project: dbt compile"):
        read_project(shop.written())


def test_models_that_were_left_out_of_the_compilation_are_named(shop):
    shop.model("users", "select id from raw.users", USERS)
    shop.model("others", None, USERS)
    with pytest.raises(DeclarationError, match=r"no compiled SQL of models/marts/others\.sql"):
        read_project(shop.written())


def test_compiled_sql_is_taken_from_the_target_folder_where_the_manifest_has_none(shop):
    shop.model("users", None, USERS)
    compiled = shop.folder / "target" / "compiled" / "shop" / "models" / "marts"
    compiled.mkdir(parents=True)
    (compiled / "users.sql").write_text("select id from raw.users")
    assert direct(trace(shop), "marts.users") == {("raw.users", "id", "id")}


def test_a_model_newer_than_its_compiled_file_is_refused(shop):
    model = shop.model("users", None, USERS)
    compiled = shop.folder / "target" / "compiled" / "shop" / "models" / "marts"
    compiled.mkdir(parents=True)
    (compiled / "users.sql").write_text("select id from raw.users")
    later = (compiled / "users.sql").stat().st_mtime + 1
    os.utime(model, (later, later))
    with pytest.raises(DeclarationError, match="Compile the project"):
        read_project(shop.written())


def test_a_model_changed_since_it_was_compiled_is_refused(shop):
    shop.model("users", "select id from raw.users", USERS).write_text("select email from raw.users")
    with pytest.raises(DeclarationError, match=r"changed since they were compiled: models/marts/users\.sql"):
        read_project(shop.written())


def test_a_macro_changed_since_the_models_were_compiled_is_refused(shop):
    shop.model("users", "select id from raw.users", USERS)
    (shop.folder / "macros").mkdir()
    file = shop.folder / "macros" / "keep.sql"
    file.write_text("{% macro keep() %} id {% endmacro %}\n")
    macro = {"package_name": "shop", "original_file_path": "macros/keep.sql", "macro_sql": file.read_text().strip()}
    shop.macros["macro.shop.keep"] = macro
    assert read_project(shop.written())
    file.write_text("{% macro keep() %} email {% endmacro %}\n")
    with pytest.raises(DeclarationError, match=r"changed since they were compiled: macros/keep\.sql"):
        read_project(shop.folder)


def test_a_model_that_the_manifest_has_never_seen_is_refused(shop):
    shop.model("users", "select id from raw.users", USERS)
    (shop.folder / "models" / "new.sql").write_text("select 1 as one")
    with pytest.raises(DeclarationError, match=r"not in the manifest: models/new\.sql"):
        read_project(shop.written())


def test_a_disabled_model_is_passed_over(shop):
    shop.model("users", "select id from raw.users", USERS)
    shop.model("off", None, USERS)
    shop.disabled["model.shop.off"] = [shop.nodes.pop("model.shop.off")]
    shop.model("off_in_its_config", None, USERS, config={"enabled": False})
    assert [each.name for each in trace(shop).relations] == ["users"]


def test_a_cyclic_manifest_names_the_circle(shop):
    shop.model("a", "select 1 as one", "model.shop.b")
    shop.model("b", "select 1 as one", "model.shop.a")
    with pytest.raises(DeclarationError, match=r"circle: (a → b → a|b → a → b)"):
        read_project(shop.written())


def test_unparsable_models_are_all_named_with_file_and_line(shop):
    shop.model("one", "select id\nfrom (select", USERS)
    shop.model("two", "select id from\n\nraw.users where and", USERS)
    with pytest.raises(LineageError) as refused:
        trace(shop)
    lines = str(refused.value).splitlines()
    assert len(lines) == 2
    assert lines[0].startswith("models/marts/one.sql: The SQL does not parse at line 2")
    assert lines[1].startswith("models/marts/two.sql: The SQL does not parse at line 3")


def test_a_model_without_columns_is_refused(shop):
    shop.model("nothing", "select from raw.users", USERS)
    with pytest.raises(LineageError, match=r"models/marts/nothing\.sql: .*no output columns"):
        trace(shop)


def test_a_manifest_that_is_not_json_is_refused(shop):
    shop.written()
    (shop.folder / "target" / "manifest.json").write_text('{"nodes": ')
    with pytest.raises(DeclarationError, match=r"manifest\.json is not JSON"):
        read_project(shop.folder)


def test_an_adapter_without_a_known_dialect_asks_for_one(shop):
    shop.adapter = "mainframe"
    shop.model("users", "select id from raw.users", USERS)
    with pytest.raises(DeclarationError, match=r"adapter mainframe is not known.*--dialect"):
        read_project(shop.written())
    assert read_project(shop.folder, dialect="postgres").dialect == "postgres"


def test_a_dialect_that_does_not_exist_is_refused(shop):
    with pytest.raises(DeclarationError, match="no dialect postgress"):
        read_project(shop.written(), dialect="postgress")


def test_a_model_of_five_thousand_lines_is_traced(shop):
    lines = ",\n".join(f"lower(email) as mail_{number}" for number in range(5_000))
    shop.model("wide", f"select\n{lines}\nfrom raw.users", USERS)
    assert trace(shop).answered == 5_000
