"""The gate: which columns of a protected schema would expose a person."""

from __future__ import annotations

from datetime import date

import pytest

from privacy_governance.categories import load_taxonomy
from privacy_governance.errors import DeclarationError
from privacy_governance.projects import exposed, read_project, trace_project
from privacy_governance.settings import CHECKOUT

USERS = "source.shop.raw.users"


@pytest.fixture(scope="module")
def taxonomy():
    """This project's taxonomy."""
    return load_taxonomy(CHECKOUT / "dbt_project", on=date(2026, 3, 1))


@pytest.fixture
def gate(shop, taxonomy):
    """Return what the gate finds in a schema or folder of the shop."""

    def find(protected):
        return exposed(trace_project(read_project(shop.written())), taxonomy, protected)

    return find


def test_a_direct_identifier_is_named_with_the_path_from_its_source(shop, gate):
    shop.model("stg_users", "select id, lower(email) as mail from raw.users", USERS)
    shop.model("people", "select mail as contact from marts.stg_users", "model.shop.stg_users", schema="research")
    (found,) = gate("research")
    assert (found.relation, found.column, found.identifiability) == ("research.people", "contact", "direct")
    assert found.categories == ("identifiers_general",)
    assert found.path == (
        "raw.users.email",
        "lower(email)",
        "marts.stg_users.mail",
        "mail",
        "research.people.contact",
    )
    assert found.file == "models/marts/people.sql"


def test_a_column_that_nobody_tagged_is_unknown(shop, gate):
    shop.source("orders", {"total": {}})
    shop.model("sums", "select total from raw.orders", "source.shop.raw.orders", schema="research")
    (found,) = gate("research")
    assert (found.column, found.identifiability) == ("total", "unknown")


def test_an_unknown_column_is_named_with_the_path_from_where_nobody_knows(shop, gate):
    shop.source("orders", {"total": {}})
    shop.model("stg_orders", "select total::int as total from raw.orders", "source.shop.raw.orders")
    shop.model(
        "sums",
        "select id, max(total) as most from raw.users, marts.stg_orders",
        "model.shop.stg_orders",
        schema="research",
    )
    (found,) = gate("research")
    assert (found.path[0], found.path[-1]) == ("raw.orders.total", "research.sums.most")
    assert "Tag it in models/_raw__sources.yml" in found.reason


def test_a_count_of_identifiers_exposes_nobody(shop, gate):
    shop.model("counts", "select count(email) as people from raw.users", USERS, schema="research")
    assert gate("research") == ()


def test_what_is_not_protected_may_hold_identifiers(shop, gate):
    shop.model("people", "select email from raw.users", USERS, schema="crm")
    shop.model("ids", "select id from raw.users", USERS, schema="research")
    assert gate("research") == ()


@pytest.mark.parametrize("protected", ["research", "RESEARCH", "marts/open", "models/marts/open/", "open"])
def test_a_schema_or_a_folder_can_be_protected(shop, gate, protected):
    shop.model("people", "select email from raw.users", USERS, schema="research", folder="marts/open")
    assert [found.column for found in gate(protected)] == ["email"]


def test_a_schema_that_does_not_exist_is_refused_with_those_that_do(shop, gate):
    shop.model("people", "select email from raw.users", USERS, schema="research")
    with pytest.raises(DeclarationError, match=r"no model is in reserch\. Schemas: research; folders: marts"):
        gate("reserch")


def test_a_source_that_the_compiled_sql_leaves_out_is_not_taken_for_harmless(shop, gate):
    shop.model("stg_users", "select null::text as contact where false", USERS)
    shop.model("people", "select contact from marts.stg_users", "model.shop.stg_users", schema="research")
    (found,) = gate("research")
    assert (found.relation, found.path) == ("marts.stg_users", ("raw.users", "marts.stg_users"))
    assert "does not read it" in found.reason


@pytest.mark.parametrize("null", ['null::text as "email"', "NULL as email", "cast(null as varchar(9)) as email"])
def test_a_null_in_place_of_a_personal_column_is_not_taken_for_harmless(shop, gate, null):
    shop.model("stg_users", f"select id::text as id, {null} from raw.users", USERS)
    shop.model("people", "select email as contact from marts.stg_users", "model.shop.stg_users", schema="research")
    (found,) = gate("research")
    assert (found.relation, found.column) == ("marts.stg_users", "email")
    assert "null in place of raw.users.email" in found.reason


def test_a_null_elsewhere_or_of_a_harmless_column_is_no_finding(shop, gate):
    shop.model("off_the_path", "select id, null as email from raw.users", USERS)
    shop.model("people", "select null as id, length(email) as n from raw.users", USERS, schema="research")
    assert gate("research") == ()


def test_a_null_beside_the_column_itself_is_no_finding(shop, gate):
    shop.model("stg_users", "select email from raw.users union all select null as email from raw.users", USERS)
    shop.model("counts", "select count(email) as n from marts.stg_users", "model.shop.stg_users", schema="research")
    assert gate("research") == ()


def test_a_tagged_seed_is_a_source_and_an_untagged_one_is_unknown(shop, gate):
    for name, meta in (
        ("staff", {"pi_kind": "contact_information", "ccpa_category": "identifiers_general"}),
        ("codes", {}),
    ):
        shop.nodes[f"seed.shop.{name}"] = {
            "resource_type": "seed",
            "name": name,
            "schema": "seeds",
            "relation_name": f'"db"."seeds"."{name}"',
            "original_file_path": f"seeds/{name}.csv",
            "config": {},
            "columns": {"mail": {"name": "mail", "config": {"meta": meta and {**meta, "identifiability": "direct"}}}},
        }
    shop.model("a", "select mail from seeds.staff", "seed.shop.staff", schema="research")
    shop.model("b", "select mail from seeds.codes", "seed.shop.codes", schema="research")
    staff, codes = gate("research")
    assert (staff.relation, staff.identifiability) == ("research.a", "direct")
    assert (codes.relation, codes.identifiability) == ("research.b", "unknown")
    assert codes.path[0] == "seeds.codes.mail"
    assert "YAML of the seed's folder" in codes.reason


def test_columns_of_a_sql_folder_are_tagged_in_its_schema_file(tmp_path, taxonomy):
    (tmp_path / "schema.yml").write_text(
        "raw.users:\n  email: {type: text, pi_kind: contact_information, ccpa_category: identifiers_general,"
        " identifiability: direct}\n"
    )
    (tmp_path / "research").mkdir()
    (tmp_path / "research" / "people.sql").write_text("select upper(email) as contact from raw.users")
    (found,) = exposed(trace_project(read_project(tmp_path)), taxonomy, "research")
    assert found.path == ("raw.users.email", "upper(email)", "people.contact")


RULES = "purpose,input,column_name,identifiability,action,parameter,published_as,counts_as,reason\n"
ACTIONS = "action,identifiability,reason\ndrop,direct,.\ntokenize,pseudonymous,.\nkeep,none,.\n"


@pytest.fixture
def masked(shop, gate):
    """Return what the gate finds in a release that shows nothing, by what masking_rules decide about its input."""
    shop.model("people", "select id, email, lower(email) as mail from raw.users", USERS)
    shop.model("counted", "select count(*) as people from marts.people", "model.shop.people", schema="research")

    def find(*rules):
        seeds = shop.folder / "seeds"
        seeds.mkdir(exist_ok=True)
        (seeds / "masking_rules.csv").write_text(RULES + "".join(f"{rule},,,,why\n" for rule in rules))
        (seeds / "masking_actions.csv").write_text(ACTIONS)
        return [(each.relation, each.column, each.identifiability, each.reason) for each in gate("research")]

    return find


def test_a_masking_rule_that_is_weaker_than_its_column_s_tag_is_named(masked):
    ((relation, column, identifiability, reason),) = masked("research,people,email,,keep", "research,,,direct,drop")
    assert (relation, column, identifiability) == ("marts.people", "email", "direct")
    assert "by keep for research" in reason


def test_a_masking_rule_for_a_column_that_is_not_there_is_named(masked):
    ((relation, column, _, reason),) = masked("research,people,phone,,drop", "research,,,direct,drop")
    assert (relation, column) == ("marts.people", "phone")
    assert "no column" in reason


def test_a_personal_column_of_an_input_without_a_decision_is_named_with_the_row_to_add(masked):
    ((_, column, identifiability, reason),) = masked("research,people,email,,drop")
    assert (column, identifiability) == ("mail", "direct")
    assert "research,people,mail,,drop,,,,why" in reason


def test_columns_may_be_dropped_by_how_identifying_they_are(masked):
    assert masked("research,people,email,,drop", "research,,,direct,drop") == []
