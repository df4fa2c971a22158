"""`load_dump` on a real PostgreSQL: what stands in `raw` afterwards, what a refused file leaves behind."""

from __future__ import annotations

import csv
import gzip
import io
import json
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg.conninfo import make_conninfo

from privacy_governance.errors import IntakeError, WarehouseError
from privacy_governance.intake import load_dump
from privacy_governance.warehouse import Warehouse

SEPARATORS = {"retail": "|", "adult": ";"}


def ask(warehouse, query, parameters=None):
    with warehouse.connect("look") as connection:
        return connection.execute(query, parameters).fetchall()


def run(warehouse, *statements):
    with warehouse.connect("prepare") as connection:
        for statement in statements:
            connection.execute(statement)


def tables(warehouse):
    rows = ask(warehouse, "select table_name from information_schema.tables where table_schema = 'raw' order by 1")
    return [name for (name,) in rows]


def only(dump):
    (file,) = dump.files
    return file


@pytest.fixture
def dump(tmp_path):
    folder = tmp_path / "dump"
    folder.mkdir()
    return folder


@pytest.mark.shared
@pytest.mark.parametrize(
    ("name", "loaded", "refused"),
    [
        ("shopify", 95, []),
        ("people", 4, []),
        ("retail", 5, []),
        ("taxonomies", 5, []),
        ("segment", 1, ["columns.json"]),
    ],
)
def test_a_real_dump_loads_with_its_names_and_every_row(warehouse, shared_data, name, loaded, refused):
    result = load_dump(warehouse, shared_data / name)
    assert len(result.loaded) == loaded
    assert [file.file for file in result.refused] == refused
    for file in result.loaded:
        if file.file.endswith(".json"):
            assert file.rows == len(json.loads((shared_data / name / file.file).read_text()))
            continue
        text = (shared_data / name / file.file).read_text("utf-8-sig")
        header, *rows = csv.reader(io.StringIO(text, newline=""), delimiter=SEPARATORS.get(name, ","))
        assert [column.name for column in file.columns] == header
        filled = ", ".join(f'count("{column}")' for column in header)
        assert ask(warehouse, f"select count(*), {filled} from {file.relation}") == [
            (len(rows), *(sum(value != "" for value in column) for column in zip(*rows, strict=True)))
        ]


@pytest.mark.shared
def test_the_adult_dump_loads_and_its_hierarchies_without_a_header_are_refused(warehouse, shared_data):
    result = load_dump(warehouse, shared_data / "adult")
    assert [(file.relation, file.rows) for file in result.loaded] == [("raw.adult", 30162)]
    hierarchies = [file for file in result.refused if file.file.endswith(".csv")]
    assert len(hierarchies) == 9
    assert all("has a value for its name" in file.refusals[-1].reason for file in hierarchies)
    assert tables(warehouse) == ["adult"]


@pytest.mark.shared
def test_the_peoples_columns_get_types_that_lose_nothing(warehouse, shared_data):
    result = load_dump(warehouse, shared_data / "people")
    types = {file.file: {column.name: column.data_type for column in file.columns} for file in result.loaded}
    users = types["userdata1.csv"]
    assert (users["registration_dttm"], users["id"], users["salary"]) == ("timestamptz", "integer", "numeric")
    assert (users["birthdate"], users["cc"], users["comments"]) == ("text", "numeric", "text")
    identities = types["fake_name_generator_3000.csv"]
    assert (identities["CCNumber"], identities["ZipCode"], identities["Number"]) == (
        "text",
        "text",
        "integer",
    )


def test_values_arrive_as_they_were_written(warehouse, dump):
    (dump / "Mixed Case.csv").write_text(
        'id,"Zip Code",total,"is ""new""",on,at,empty,note\n'
        '1,02134,18.0,true,2024-02-29,2024-02-29T23:59:59.5+02:00,,"a\tb\\c\r\nd ""e"""\n'
        "2,94025,-3.25,FALSE,1999-12-31,1999-12-31 00:00 UTC,,\n"
    )
    file = only(load_dump(warehouse, dump))
    assert file.relation == 'raw."Mixed Case"'
    types = " ".join(column.data_type for column in file.columns)
    assert types == "integer text numeric boolean date timestamptz text text"
    late = datetime(2024, 2, 29, 21, 59, 59, 500000, UTC)
    note = 'a\tb\\c\r\nd "e"'
    assert ask(warehouse, 'select * from raw."Mixed Case" order by id') == [
        (1, "02134", Decimal("18.0"), True, date(2024, 2, 29), late, None, note),
        (
            2,
            "94025",
            Decimal("-3.25"),
            False,
            date(1999, 12, 31),
            datetime(1999, 12, 31, tzinfo=UTC),
            None,
            None,
        ),
    ]


@pytest.mark.parametrize(
    ("encoding", "note"),
    [
        ("utf-8", ()),
        ("utf-8-sig", ()),
        ("utf-16", ()),
        ("cp1252", ("read as Windows-1252: not UTF-8, no mark",)),
    ],
)
def test_each_encoding_gives_the_same_table_and_a_guess_is_stated(warehouse, dump, encoding, note):
    (dump / "people.csv").write_text("Größe,name\n1,José €\n", encoding=encoding)
    assert only(load_dump(warehouse, dump)).notes == note
    assert ask(warehouse, 'select "Größe", name from raw.people') == [(1, "José €")]


def test_a_file_that_breaks_the_promise_of_its_mark_is_refused(warehouse, dump):
    (dump / "people.csv").write_bytes(b"\xef\xbb\xbfname\nJos\xe9\n")
    (refusal,) = only(load_dump(warehouse, dump)).refusals
    assert "byte-order mark says so" in refusal.reason
    assert tables(warehouse) == []


def test_a_compressed_file_becomes_the_same_table(warehouse, dump):
    (dump / "people.csv.gz").write_bytes(gzip.compress(b"a,b\n1,x\n"))
    assert only(load_dump(warehouse, dump)).relation == "raw.people"


def test_json_lines_keep_nested_objects_and_the_senders_kinds(warehouse, dump):
    lines = [
        {"id": 1, "zip": "94025", "on": "2024-02-29", "traits": {"plan": "pro"}, "mixed": 1, "it's %s": 1.50},
        {"id": 2, "zip": "", "extra": None, "traits": None, "mixed": "x"},
        {"id": 3, "traits": [1], "note": "tab\t, line\n, back\\slash é 😀"},
    ]
    (dump / "e.jsonl").write_text("\n".join(json.dumps(line) for line in lines))
    file = only(load_dump(warehouse, dump))
    assert {column.name: column.data_type for column in file.columns} == {
        "id": "integer",
        "zip": "text",
        "on": "date",
        "traits": "jsonb",
        "mixed": "text",
        "it's %s": "numeric",
        "extra": "text",
        "note": "text",
    }
    assert ask(warehouse, 'select zip, "on", traits, mixed, extra, note from raw.e order by id') == [
        ("94025", date(2024, 2, 29), {"plan": "pro"}, "1", None, None),
        ("", None, None, "x", None, None),
        (None, None, [1], None, None, "tab\t, line\n, back\\slash é 😀"),
    ]


def test_a_number_that_jsonb_cannot_hold_refuses_the_file_by_record(warehouse, dump):
    (dump / "e.jsonl").write_text('{"a": 1}\n{"a": 1e999999}\n')
    (refusal,) = only(load_dump(warehouse, dump)).refusals
    assert "record 2" in refusal.reason
    assert "999999" not in refusal.reason
    assert tables(warehouse) == []


def test_a_bad_line_leaves_no_table_and_the_good_files_are_loaded(warehouse, dump):
    (dump / "bad.csv").write_text("id,email\n1,secret@example.com\n2,other@example.com,3\n")
    (dump / "good.csv").write_text("id\n1\n")
    result = load_dump(warehouse, dump)
    (bad,) = result.refused
    assert str(bad.refusals[0]) == "bad.csv:3: 3 fields; the header has 2."
    assert "example.com" not in repr(result)
    assert tables(warehouse) == ["good"]


def test_a_bad_line_far_down_the_file_leaves_the_earlier_version_in_place(warehouse, dump):
    (dump / "people.csv").write_text("id,name\n1,a\n")
    load_dump(warehouse, dump)
    (dump / "people.csv").write_text("id,name\n" + "2,b\n" * 30_000 + "3\n")
    (refusal,) = only(load_dump(warehouse, dump)).refusals
    assert refusal.line == 30_002
    assert ask(warehouse, "select * from raw.people") == [(1, "a")]


def test_loading_the_same_folder_again_changes_nothing(warehouse, dump):
    (dump / "people.csv").write_text("id,name\n1,a\n2,\n")
    first = only(load_dump(warehouse, dump))
    before = ask(warehouse, "select 'raw.people'::regclass::oid, people from raw.people")
    second = only(load_dump(warehouse, dump))
    assert ask(warehouse, "select 'raw.people'::regclass::oid, people from raw.people") == before
    assert (first.columns, first.rows) == (second.columns, second.rows)


def test_a_reload_with_the_same_columns_keeps_views_and_grants(warehouse, dump):
    (dump / "people.csv").write_text("id,name\n1,a\n")
    load_dump(warehouse, dump)
    run(
        warehouse,
        "create view public.seen as select * from raw.people",
        "grant select on raw.people to public",
    )
    (dump / "people.csv").write_text("id,name\n7,z\n")
    load_dump(warehouse, dump)
    assert ask(warehouse, "select * from public.seen") == [(7, "z")]
    assert ask(warehouse, "select has_table_privilege('public', 'raw.people', 'select')") == [(True,)]


def test_changed_columns_replace_the_table_unless_something_depends_on_it(warehouse, dump):
    (dump / "people.csv").write_text("id,name\n1,a\n")
    load_dump(warehouse, dump)
    (dump / "people.csv").write_text("id,email\n1,b\n")
    assert only(load_dump(warehouse, dump)).state == "loaded"
    run(warehouse, "create view public.seen as select * from raw.people")
    (dump / "people.csv").write_text("id\n1\n")
    (refusal,) = only(load_dump(warehouse, dump)).refusals
    assert "view" in refusal.reason
    assert "seen" in refusal.reason
    assert ask(warehouse, "select * from raw.people") == [(1, "b")]


@pytest.mark.parametrize("statement", ["create table raw.users (id int)", "create view raw.users as select 1 as id"])
def test_what_no_load_made_is_never_replaced(warehouse, dump, statement):
    run(warehouse, "create schema raw", statement)
    (dump / "users.csv").write_text("id\n1\n")
    (refusal,) = only(load_dump(warehouse, dump)).refusals
    assert "raw.users exists and no load made it" in refusal.reason


def test_a_role_without_rights_stops_the_load_with_a_clear_error(warehouse, dump):
    (dump / "users.csv").write_text("id\n1\n")
    run(warehouse, "create schema raw", "drop role if exists intake_reader", "create role intake_reader login")
    reader = Warehouse(make_conninfo(warehouse.url, user="intake_reader"))
    try:
        with pytest.raises(WarehouseError, match=r"load users.csv: .*permission denied for schema raw"):
            load_dump(reader, dump)
    finally:
        run(warehouse, "drop role intake_reader")


def test_a_file_with_a_header_only_is_an_empty_table_of_text(warehouse, dump):
    (dump / "people.csv").write_text("id,name")
    file = only(load_dump(warehouse, dump))
    assert (file.rows, [column.data_type for column in file.columns]) == (0, ["text", "text"])
    assert tables(warehouse) == ["people"]


def test_a_table_may_have_as_many_columns_as_postgresql_holds(warehouse, dump):
    (dump / "wide.csv").write_text(",".join(f"c{n}" for n in range(1600)) + "\n" + ",".join("1" * 1600) + "\n")
    assert only(load_dump(warehouse, dump)).state == "loaded"


def test_a_folder_of_documentation_only_is_one_clear_error(warehouse, dump):
    (dump / "README.md").write_text("# a dump")
    with pytest.raises(IntakeError, match="holds no data file"):
        load_dump(warehouse, dump)


CELLS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12) | st.sampled_from(
    ["1", "-7", "0.50", "2024-02-29", "0001-01-01T00:00:00Z", "9999-12-31 23:59:59.999999 UTC", "true"]
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(CELLS, CELLS), max_size=8))
def test_whatever_a_csv_writer_writes_comes_back(warehouse, dump, rows):
    with (dump / "any.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([("first", "second"), *rows])
    file = only(load_dump(warehouse, dump))
    found = ask(warehouse, "select * from raw.any")
    assert len(found) == len(rows)
    for position, column in enumerate(file.columns):
        if column.data_type == "text":
            assert [row[position] for row in found] == [row[position] or None for row in rows]
