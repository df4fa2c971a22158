"""What a canary has in each column: searchable where the type allows, its own in every table, and nothing real."""

from __future__ import annotations

import json
import zlib
from datetime import UTC, datetime

import pytest

from privacy_governance.proving.canaries import MARKER_LENGTH, Run, plan_columns

RUN = Run.new(datetime(2026, 3, 1, tzinfo=UTC))
PERSONAL = {"identifiability": "direct"}


def planned(types, *, indexed=(), table=None, links=None, **metas):
    declared = {name: metas.get(name, PERSONAL) for name in types}
    table = table or {"subject_key": "user_id"}
    columns = plan_columns(
        "raw.people", declared=declared, present=types, indexed=frozenset(indexed), table=table, links=links or {}
    )
    return {column.name: column for column in columns}


def bytes_of(data_type):
    column = planned({"user_id": "text", "it": data_type, "zz_last": "text"})["it"]
    value = RUN.value(column, 0)
    return column, getattr(value, "bytes", value if isinstance(value, bytes) else str(value).encode())


@pytest.mark.parametrize("data_type", ["text", "character varying(20)", "character varying", "jsonb", "uuid", "bytea"])
def test_a_type_with_room_holds_the_marker(data_type):
    column, value = bytes_of(data_type)
    assert column.is_searchable
    assert RUN.marker.encode() in value


@pytest.mark.parametrize("data_type", ["integer", "boolean", "date", "numeric(12,2)", "character varying(5)"])
def test_a_type_without_room_is_said_to_be_unsearchable(data_type):
    column, _ = bytes_of(data_type)
    assert not column.is_searchable


def test_a_value_fits_its_column():
    column = planned({"user_id": "text", "it": "character varying(15)"})["it"]
    assert len(RUN.value(column, 0)) == 15


def test_json_stays_json():
    column = planned({"user_id": "text", "it": "jsonb"})["it"]
    assert json.loads(RUN.value(column, 0))["canary"].startswith(RUN.marker)


def test_one_free_text_is_too_long_for_its_row_and_for_compression():
    columns = planned({"user_id": "text", "note": "text", "city": "text"}, indexed=["city"])
    assert [name for name, column in columns.items() if column.is_long] == ["note"]
    value = RUN.value(columns["note"], 0)
    assert len(value) > 2000
    assert len(zlib.compress(value.encode())) > 0.75 * len(value)  # PostgreSQL compresses when a quarter is saved
    assert all(RUN.marker in value[start : start + 1000] for start in (0, 1000, 2000))


def test_a_person_has_the_same_identifier_in_every_table_and_nobody_elses():
    kinds = ("user_id", "email", "phone", "anonymous_id")
    identifiers = {RUN.identifier(kind, person) for kind in kinds for person in range(3)}
    assert len(identifiers) == 12
    assert RUN.identifier("email", 1) == RUN.identifier("email", 1).strip().lower()
    digits = "".join(filter(str.isdigit, RUN.identifier("phone", 1)))
    assert len(digits) == 10
    assert digits.startswith("0")


def test_a_table_that_says_of_nobody_whose_a_row_is_gets_no_canary():
    assert planned({"name": "text", "plan": "text"}, table={"subject_key": None}) == {}


def test_what_is_not_personal_is_left_empty_but_for_the_clock():
    columns = planned(
        {"user_id": "text", "loaded_at": "timestamp with time zone", "batch": "text"},
        table={"subject_key": "user_id", "clock": "loaded_at"},
        loaded_at={"identifiability": "none"},
        batch={"identifiability": "none"},
    )
    assert set(columns) == {"user_id", "loaded_at"}


def test_the_name_that_the_ledger_keeps_holds_nothing_of_the_marker():
    assert len(RUN.marker) == MARKER_LENGTH
    assert RUN.marker not in RUN.request_id(0)


@pytest.mark.parametrize("data_type", ["text", "bigint", "uuid"])
def test_a_row_reached_through_another_names_it_and_holds_the_rest(data_type):
    through = {"relation": "raw.orders", "column": "order_id", "key": "id"}
    link = "raw.orders.id"
    child = planned(
        {"order_id": data_type, "gift_note": "text"}, table={"reached_through": through}, links={"order_id": link}
    )
    parent = planned({"user_id": "text", "id": data_type}, links={"id": link})
    assert RUN.value(child["order_id"], 3) == RUN.value(parent["id"], 3)
    assert RUN.value(child["order_id"], 3) != RUN.value(parent["id"], 4)
    assert child["gift_note"].is_long
