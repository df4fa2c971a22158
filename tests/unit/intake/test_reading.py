from __future__ import annotations

import gzip
import json

import pytest

from privacy_governance.errors import IntakeError
from privacy_governance.intake.delimited import DelimitedFile, separator_of
from privacy_governance.intake.folder import data_file, survey
from privacy_governance.intake.json_lines import JsonLinesFile
from privacy_governance.intake.outcome import RefusedError
from privacy_governance.intake.table import copy_text
from privacy_governance.intake.text import marked_encoding, unmarked_encoding


def records(folder, content, name="people.csv", encoding="utf-8"):
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    file = DelimitedFile(data_file(path), encoding)
    return file, [list(record) for batch in file.batches() for record in batch]


def objects(folder, content, name):
    (folder / name).write_text(content)
    return list(JsonLinesFile(data_file(folder / name), "utf-8").batches())


def refusals(folder, content, name="people.csv"):
    read = records if name.endswith("csv") else objects
    with pytest.raises(RefusedError) as caught:
        read(folder, content, name)
    return [(refusal.line, refusal.reason) for refusal in caught.value.refusals]


@pytest.mark.parametrize(
    ("sample", "separator"),
    [
        (["a,b\n", "1,2\n"], ","),
        (["a;b\n", "1,5;2,5\n"], ";"),
        (["a|b,c\n", "1|2\n", "3|4,5\n"], "|"),
        (["a\tb\n", "1\t2\n"], "\t"),
        (['"a,b";c\n', '"1,2";3\n'], ";"),
        (["comment\n", "hello, world\n"], ","),
    ],
)
def test_the_separator_is_the_one_that_every_line_agrees_with(sample, separator):
    assert separator_of(sample) == separator


def test_a_quoted_field_keeps_separators_quotes_and_line_ends(tmp_path):
    file, rows = records(tmp_path, 'id,"Mixed ""Case"""\r\n1,"two\r\nlines, ""quoted"""\r\n')
    assert file.header == ["id", 'Mixed "Case"']
    assert rows == [["1", 'two\r\nlines, "quoted"']]


def test_a_ragged_line_is_refused_by_its_physical_line(tmp_path):
    assert refusals(tmp_path, 'a,b\n"1\n2",3\n4,5,6\n7\n') == [
        (4, "3 fields; the header has 2."),
        (5, "1 fields; the header has 2."),
    ]


def test_an_open_quote_is_refused_where_its_record_begins(tmp_path):
    ((line, reason),) = refusals(tmp_path, 'a,b\n1,2\n3,"never closed\nnor here\n')
    assert line == 3
    assert "quote" in reason


def test_text_after_a_closing_quote_is_refused(tmp_path):
    assert refusals(tmp_path, 'a,b\n"1"x,2\n')[0][0] == 2


def test_a_nul_is_refused_by_its_line(tmp_path):
    ((line, reason),) = refusals(tmp_path, "a,b\n1,2\n3,\0\n")
    assert line == 3
    assert "NUL" in reason


def test_only_the_first_ten_bad_lines_are_named(tmp_path):
    assert len(refusals(tmp_path, "a,b\n" + "1\n" * 50)) == 10


def test_blank_lines_are_left_out_and_counted(tmp_path):
    file, rows = records(tmp_path, "\na,b\n1,2\n\n\n")
    assert rows == [["1", "2"]]
    assert file.notes == ("2 blank lines left out",)


def test_a_blank_line_in_a_file_of_one_column_is_a_missing_value(tmp_path):
    assert records(tmp_path, "a\n1\n\n3\n")[1] == [["1"], [""], ["3"]]


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        ("a,,c", "column 2 has no name"),
        ("a,b,a", "column 3 has the same name as column 1"),
        ("a,ctid", "PostgreSQL keeps for itself"),
        ("a," + "é" * 32, "over 63 bytes"),
        ('a,"b\nc"', "control character"),
        ("Private;Non-Government;*", "column 3 has a value for its name"),
        ("1,2.5", "column 1 has a value"),
        ("a,1971-03-08", "column 2 has a value"),
        ("name,jane@example.com", "column 2 has a value"),
        (",".join(f"c{n}" for n in range(1601)), "1,601 columns"),
    ],
)
def test_a_header_that_cannot_name_columns_is_refused(tmp_path, header, reason):
    found = refusals(tmp_path, header + "\n")
    assert reason in found[0][1]


def test_a_refused_header_is_never_quoted_for_it_may_be_data(tmp_path):
    assert "jane" not in repr(refusals(tmp_path, "jane@example.com,jane@example.com\n"))


def test_an_empty_file_is_refused(tmp_path):
    assert "empty" in refusals(tmp_path, "")[0][1]
    assert "blank" in refusals(tmp_path, "\n\n")[0][1]


@pytest.mark.parametrize(
    ("encoding", "expected"),
    [("utf-8-sig", "utf-8-sig"), ("utf-16", "utf-16"), ("utf-32", "utf-32"), ("utf-8", None)],
)
def test_a_byte_order_mark_names_the_encoding(tmp_path, encoding, expected):
    (tmp_path / "a.csv").write_text("näme,b\n", encoding=encoding)
    assert marked_encoding(tmp_path / "a.csv") == expected


def test_western_text_is_told_from_damaged_unicode(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes("name\nJosé\n€\n".encode("cp1252"))
    assert unmarked_encoding(path) == "cp1252"
    path.write_bytes(b"name\nJos\xe9 \x81\n")
    assert unmarked_encoding(path) == "latin-1"
    path.write_bytes("name\nJosé\n".encode() + b"Jos\xe9\n")
    with pytest.raises(RefusedError) as caught:
        unmarked_encoding(path)
    assert caught.value.refusals[0].line == 3


def test_a_compressed_file_is_read_as_it_is(tmp_path):
    assert records(tmp_path, gzip.compress(b"a,b\n1,2\n"), "people.csv.gz")[1] == [["1", "2"]]


@pytest.mark.parametrize("content", [gzip.compress(b"a,b\n" * 9999, mtime=0)[:-20], b"a,b\n1,2\n"])
def test_a_damaged_archive_is_refused(tmp_path, content):
    with pytest.raises(RefusedError, match="1 refusals"):
        records(tmp_path, content, "people.csv.gz")


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{", "not valid JSON"),
        ('[{"a": 1}]', "not an object"),
        ("17", "not an object"),
        ('{"a": 1} {"a": 2}', "not valid JSON"),
        ('{"a": NaN}', "NaN"),
        ('{"a": 1, "a": 2}', "twice"),
        ('{"a": {"b": 1, "b": 2}}', "twice"),
        (r'{"a": "\u0000"}', "NUL"),
        (r'{"a": ["\ud800"]}', "surrogate"),
        ("[" * 5000, "nested too deep"),
        ('{"a":' * 99999, "nested too deep"),
    ],
)
def test_a_bad_line_of_json_is_refused_by_number(tmp_path, line, reason):
    found = refusals(tmp_path, '{"a": 1}\n' + line + "\n", "events.jsonl")
    assert found[0][0] == 2
    assert reason in found[0][1]


def test_json_keys_are_the_union_in_order_of_appearance(tmp_path):
    (tmp_path / "e.jsonl").write_text('{"b": 1}\n\n{"a": "x", "b": 2}\n{"c": {"d": [1]}}\n')
    file = JsonLinesFile(data_file(tmp_path / "e.jsonl"), "utf-8")
    assert sum(len(batch) for batch in file.batches()) == file.rows == 3
    found = [(each.column.name, each.column.data_type) for each in file.columns()]
    assert found == [("b", "integer"), ("a", "text"), ("c", "jsonb")]


@pytest.mark.parametrize("odd", ["plain", "tab\there", "line\nend", "back\\slash", "\\.", "\r", "unit\x1fmark", "\x1e"])
def test_copy_text_escapes_every_character_that_copy_reads_specially(odd):
    escaped = odd.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")
    assert copy_text([["a", odd], ["", "b"]]) == f"a\t{escaped}\n\tb\n"


def test_every_entry_of_a_folder_is_accounted_for(tmp_path):
    for name in ("a.csv", "A b.JSONL", "b.csv", "b.tsv.gz", "README.md", "LICENSE", ".DS_Store", "x.xlsx"):
        (tmp_path / name).write_text("x")
    (tmp_path / ("n" * 64 + ".csv")).write_text("x")
    (tmp_path / "sub").mkdir()
    (tmp_path / "gone.csv").symlink_to(tmp_path / "nowhere")
    data, others = survey(tmp_path)
    assert [(file.table, file.format) for file in data] == [("A b", "json"), ("a", "delimited")]
    assert {file.file: file.state for file in others} == {
        "b.csv": "refused",
        "b.tsv.gz": "refused",
        "x.xlsx": "refused",
        "n" * 64 + ".csv": "refused",
        "sub": "refused",
        "gone.csv": "refused",
        "README.md": "passed over",
        "LICENSE": "passed over",
        ".DS_Store": "passed over",
    }


def test_a_folder_that_cannot_be_loaded_is_one_clear_error(tmp_path):
    with pytest.raises(IntakeError, match="no folder"):
        survey(tmp_path / "nowhere")
    with pytest.raises(IntakeError, match="is empty"):
        survey(tmp_path)
    (tmp_path / "a.csv").write_text("x")
    with pytest.raises(IntakeError, match="is a file"):
        survey(tmp_path / "a.csv")


def test_a_json_array_of_objects_is_read_element_by_element(tmp_path):
    content = '\n [ {"a": 1,\n "b": "]"} ,\r\n{"a": 2}\n]\n'
    batches = objects(tmp_path, content, "people.json")
    assert [json.loads(document) for (document,) in batches[0]] == [{"a": 1, "b": "]"}, {"a": 2}]


def test_an_element_longer_than_what_is_read_at_a_time_is_whole(tmp_path):
    long = [{"a": "x" * 3_000_000}, {"a": "y"}, {"a": "z" * 1_048_570}]
    (batch,) = objects(tmp_path, json.dumps(long), "people.json")
    assert [json.loads(document) for (document,) in batch] == long


@pytest.mark.parametrize(
    ("content", "line", "reason"),
    [
        ('[{"a": 1},\n 5]', 2, "isn't an object"),
        ('[{"a": 1}\n{"a": 2}]', 2, "missing"),
        ('[{"a": 1},\n{"a": 2', 2, "cut off"),
        ('[{"a": 1},\n]', 2, "isn't an object"),
        ('[{"a": 1}]\n[]', 2, "after the array's end"),
        ('[{"a": 1}', 1, "missing"),
        ('[{"a": 1, "a": 2}]', 1, "twice"),
        ("[]", None, "no columns"),
        ('{\n"a": 1}', 1, "not valid JSON"),
    ],
)
def test_a_document_that_is_no_array_of_objects_is_refused_by_line(tmp_path, content, line, reason):
    ((found, why),) = refusals(tmp_path, content, "people.json")
    assert (found, reason in why) == (line, True)


def test_the_line_of_a_bad_element_is_right_far_into_the_file(tmp_path):
    content = "[" + '{"a": 1},\n' * 200_000 + "5]"
    assert refusals(tmp_path, content, "people.json")[0][0] == 200_001
