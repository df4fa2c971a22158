from __future__ import annotations

import pytest

from privacy_governance.algebra import KEYED_TOKEN
from privacy_governance.errors import LineageError
from privacy_governance.lineage import column_edges

SCHEMA = {"raw.users": {"user_id": "text", "email": "text", "zip": "text"}}

HMAC = "encode(sha256({outer} || sha256({inner} || convert_to({value}, 'UTF8'))), 'hex')"
OPAD = "(select decode(current_setting('governance.research_opad'), 'hex'))"
IPAD = "(select decode(current_setting('governance.research_ipad'), 'hex'))"


def token(value="email", outer=OPAD, inner=IPAD):
    return HMAC.format(value=value, outer=outer, inner=inner)


def transformations(sql):
    return [edge.transformation for edge in column_edges(sql, SCHEMA) if edge.kind == "direct"]


def functions(expression):
    return [found.functions for found in transformations(f"select {expression} as x from raw.users")]


def test_a_bare_column_is_no_transformation():
    (found,) = transformations("with a as (select email as e from raw.users) select e as f from a")
    assert (str(found), found.functions) == ("email", ())


def test_steps_are_told_innermost_first_and_functions_outermost_first():
    sql = "with a as (select trim(lower(email)) as e from raw.users) select max(e) || '!' as x from a"
    (found,) = transformations(sql)
    assert str(found) == "trim(lower(email)) → max(e) || '!'"
    assert found.functions == ("||", "max", "btrim", "lower")


def test_an_indirect_edge_tells_its_clause_and_only_the_conjunct_that_reads_it():
    sql = "select 1 as one from raw.users where zip = '1' and lower(email) like 'a%'"
    shown = {edge.source_column: str(edge.transformation) for edge in column_edges(sql, SCHEMA)}
    assert shown == {"zip": "where zip = '1'", "email": "where lower(email) LIKE 'a%'"}


def test_a_long_step_is_cut():
    (found,) = transformations(f"select email || '{'x' * 1000}' as e from raw.users")
    assert len(found.sql) == 400
    assert found.sql.endswith("…")


@pytest.mark.parametrize(
    ("expression", "names"),
    [
        ("email::text", ("cast",)),
        ("count(distinct email)", ("count",)),
        ("email is not null", ("is null",)),
        ("email is true", ("is",)),
        ("percentile_disc(0.5) within group (order by email)", ("percentile_disc",)),
        ("sha256(email::bytea)", ("sha256", "cast")),
        ("md5(email)", ("md5",)),
        ("date_trunc('month', email::date)", ("date_trunc", "cast")),
        ("to_char(email::date, 'YYYY')", ("to_char", "cast")),
        ("our_function(email)", ("our_function",)),
        ("evil.count(email)", ("evil.count",)),
        ("pg_catalog.lower(email)", ("lower",)),
        ('"keyed token"(email)', ('"keyed token"',)),
        ("string_agg(email, ',')", ("string_agg",)),
        ("email || email || email", ("||",)),
        ("case when true then email end", ("case",)),
    ],
)
def test_functions_carry_the_names_that_postgresql_knows_them_by(expression, names):
    assert functions(expression) == [names]


def test_a_quoted_name_cannot_pose_as_a_function_that_lowers():
    with pytest.raises(LineageError, match="Count"):
        column_edges('select "Count"(email) as x from raw.users', SCHEMA)
    assert functions('"count"(email)') == [("count",)]


def test_the_keyed_token_is_recognized():
    assert functions(token()) == [(KEYED_TOKEN, "convert_to")]
    assert functions(f"left({token('lower(email)')}, 16)") == [("left", KEYED_TOKEN, "convert_to", "lower")]


def test_all_columns_of_a_token_over_several_are_tokens():
    assert functions(token("email || zip")) == [(KEYED_TOKEN, "convert_to", "||")] * 2


@pytest.mark.parametrize(
    "hashed",
    [
        "encode(sha256(convert_to(email, 'UTF8')), 'hex')",
        "encode(sha256('salt' || sha256('salt' || convert_to(email, 'UTF8'))), 'hex')",
        token(inner=OPAD),
        token(outer=IPAD),
        token(inner=IPAD.replace("research", "marketing")),
        token(inner=IPAD.replace("governance.", "app.")),
        token(inner="decode('36', 'hex')"),
        token(outer=OPAD.replace("opad", "opad_of_mine")),
        token(inner="decode(zip, 'hex')"),
        token(inner="(select decode(current_setting('governance.research_ipad'), 'hex') from raw.users limit 1)"),
        token(inner=IPAD.replace("'governance.research_ipad'", "zip")),
        token().replace("sha256", "sha512"),
        "sha256(convert_to(email, 'UTF8') || sha256(" + IPAD + " || convert_to(email, 'UTF8')))",
    ],
)
def test_a_hash_without_the_governed_key_is_no_token(hashed):
    assert all(KEYED_TOKEN not in names for names in functions(hashed))


def test_a_token_beside_its_own_source_does_not_hide_it():
    sql = f"with a as (select {token()} as t, email as e from raw.users) select t || e as x from a"
    assert {found.functions for found in transformations(sql)} == {("||", KEYED_TOKEN, "convert_to"), ("||",)}


def test_two_ways_of_one_column_are_told_apart_only_where_they_tag_differently():
    assert functions(f"email || lower(email) || {token()}") == [("||",), ("||", KEYED_TOKEN, "convert_to")]
