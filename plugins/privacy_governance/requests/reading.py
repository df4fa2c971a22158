"""Requests as a file holds them: each line a request, or why it isn't one; a bad line spoils no other.

A line is a row: a field with a line end in it is refused, so that a quote that is never closed costs one line.
"""

from __future__ import annotations

import csv
import io
import json
import re
from functools import cache
from itertools import chain, islice
from typing import TYPE_CHECKING, Any, Final

from privacy_governance.errors import IntakeError
from privacy_governance.intake.delimited import separator_of
from privacy_governance.intake.json_lines import NotTakenError, without_repeated_keys
from privacy_governance.intake.outcome import RefusedError
from privacy_governance.intake.text import marked_encoding, opened
from privacy_governance.requests.tidying import FIELDS, tidied
from privacy_governance.requests.vocabulary import IDENTIFIERS, RAW_COLUMNS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from privacy_governance.requests.tidying import Request

TAKEN: Final = frozenset(RAW_COLUMNS)
NEEDED: Final = ("regulation_type", "received_at")
# Segment's public API: POST /regulations {"regulationType": …, "subjectType": "USER_ID", "subjectIds": […]}
PAYLOAD: Final = frozenset({"subject_type", "subject_ids"})
SUBJECT_TYPES: Final = {"USER_ID": "user_id", "ANONYMOUS_ID": "anonymous_id"}

JSON_ENDINGS: Final = {".jsonl", ".ndjson", ".json"}
LINE_CHARACTERS: Final = 4 * 1024 * 1024
BATCH: Final = 1_000
NOT_UTF_8: Final = "not valid UTF-8. Export it again in that encoding."
NUL: Final = "a NUL character, which PostgreSQL can't store."
BAD_QUOTE: Final = "a quote is misplaced, or not closed on the line; a request is one line."
NOT_JSON: Final = "not valid JSON on one line."


def read_requests(file: Path) -> Iterator[list[tuple[str, ...]]]:
    """Yield the requests of `file` (CSV or JSON Lines, gzip or not), good or bad, in batches, tidied.

    Raises:
        IntakeError: the file as a whole can't be read: missing, empty, no header, or a column that isn't known.

    """
    try:
        encoding = marked_encoding(file)
        with opened(file) as content:
            # a byte that isn't UTF-8 becomes half a surrogate pair, and its line is refused
            errors = "surrogateescape" if encoding in {None, "utf-8-sig"} else "strict"
            text = io.TextIOWrapper(content, encoding=encoding or "utf-8", errors=errors)
            lines = _lines(text)
            first = next(((number, line) for number, line in lines if line.strip()), None)
            if first is None:
                raise IntakeError(f"{file.name} is empty. A file of requests has a header or an object a line.")
            if _is_json(file, first[1]):
                columns: Sequence[str] = FIELDS
                requests = _read_objects(chain([first], lines), file.name)
            else:
                separator = separator_of([first[1]])
                columns = _read_header(first[1], separator, file.name)
                requests = _read_records(lines, separator, len(columns))
            while batch := list(islice(requests, BATCH)):
                yield tidied(batch, columns)
            text.detach()
    except RefusedError as error:
        raise IntakeError(str(error.refusals[0])) from None
    except UnicodeDecodeError:
        raise IntakeError(f"{file.name} is not valid {encoding}, as its first bytes say. Save it as UTF-8.") from None


def _is_json(file: Path, line: str) -> bool:
    bare = file.with_suffix("") if file.suffix.lower() == ".gz" else file
    return bare.suffix.lower() in JSON_ENDINGS or line.lstrip().startswith("{")


def _lines(text: io.TextIOWrapper) -> Iterator[tuple[int, str]]:
    """Yield line numbers and lines; of a line that is too long to be a request only its beginning."""
    number = 0
    while line := text.readline(LINE_CHARACTERS):
        number += 1
        yield number, line
        while len(line) == LINE_CHARACTERS and not line.endswith("\n"):
            line = text.readline(LINE_CHARACTERS)


def _flaw(line: str) -> str:
    """Return why a line can't be text of a request, or an empty string."""
    if len(line) == LINE_CHARACTERS and not line.endswith("\n"):
        return f"over {LINE_CHARACTERS:,} characters."
    if "\0" in line:
        return NUL
    if not line.isascii():
        try:
            line.encode()
        except UnicodeEncodeError:
            return NOT_UTF_8
    return ""


@cache
def column_of(name: str) -> str:
    """Return how a column or key is written here: `userId`, `User ID` and `USER_ID` are `user_id`."""
    return re.sub(r"[\s-]+", "_", re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name.strip())).lower()


def header_columns(header: Sequence[str], name: str) -> list[str]:
    """Return the columns of a header; never quotes what may be a value in a file without one.

    Raises:
        IntakeError: no header, an unknown or repeated column, or one that every request needs is missing.

    """
    columns = [column_of(column) for column in header]
    if not TAKEN & set(columns):
        raise IntakeError(f"{name} has no header: its first line names none of {', '.join(FIELDS)}.")
    for position, column in enumerate(columns, start=1):
        if column not in TAKEN:
            raise IntakeError(
                f"{name}: column {position} of the header is none of {', '.join(FIELDS)}. Rename it or leave it out: "
                "a column that is passed over could say whose data it is."
            )
        if column in columns[: position - 1]:
            raise IntakeError(f"{name}: column {position} of the header repeats {column}. Leave one of the two out.")
    if missing := [column for column in NEEDED if column not in columns]:
        raise IntakeError(f"{name}: the header lacks {' and '.join(missing)}. Add what every request needs.")
    if not set(IDENTIFIERS) & set(columns):
        raise IntakeError(f"{name}: the header has no identifier. Add one of {', '.join(IDENTIFIERS)}.")
    return columns


def _read_header(line: str, separator: str, name: str) -> list[str]:
    if flaw := _flaw(line):
        raise IntakeError(f"{name}: the header is {flaw}")
    try:
        return header_columns(next(csv.reader((line,), delimiter=separator, strict=True)), name)
    except csv.Error:
        raise IntakeError(f"{name}: the header can't be read: {BAD_QUOTE}") from None


def _read_records(lines: Iterator[tuple[int, str]], separator: str, width: int) -> Iterator[Request]:
    while batch := list(islice(lines, BATCH)):
        for number, record in _records(batch, separator):
            if isinstance(record, str) or len(record) == width:
                yield number, 0, record
            else:
                yield number, 0, f"{len(record):,} fields; the header has {width:,}."


def _records(batch: list[tuple[int, str]], separator: str) -> Iterator[tuple[int, list[str] | str]]:
    """Yield each line's number and its fields, or why it has none."""
    whole = "".join(line for _, line in batch)
    if whole.isascii() and '"' not in whole and "\0" not in whole and len(whole) < LINE_CHARACTERS:
        # nothing in it that could reach beyond a line: one reader for all of them
        records = csv.reader((line for _, line in batch), delimiter=separator, quoting=csv.QUOTE_NONE)
        yield from (
            (number, record) for (number, line), record in zip(batch, records, strict=True) if not line.isspace()
        )
        return
    for number, line in batch:
        if line.isspace():
            continue
        if flaw := _flaw(line):
            yield number, flaw
            continue
        try:
            yield number, next(csv.reader((line,), delimiter=separator, strict=True))
        except csv.Error:
            yield number, BAD_QUOTE


def _read_objects(lines: Iterator[tuple[int, str]], name: str) -> Iterator[Request]:
    decode = json.JSONDecoder(object_pairs_hook=without_repeated_keys).decode
    for number, line in lines:
        if line.isspace():
            continue
        if line.lstrip().startswith("["):
            raise IntakeError(f"{name}:{number}: a JSON array. Write one object a line: jq -c '.[]'.")
        flaw = _flaw(line)
        if not flaw:
            try:
                yield from ((number, *request) for request in _requests_of(decode(line.strip())))
                continue
            except NotTakenError as error:
                flaw = str(error)
            except RecursionError:
                flaw = "nested too deep."
            except ValueError:
                flaw = NOT_JSON
        yield number, 0, flaw


def _requests_of(document: Any) -> list[tuple[int, list[str] | str]]:  # noqa: ANN401 -- any JSON value
    """Return the requests of an object, part and fields: one, or one a subject of a Segment payload.

    Raises:
        NotTakenError: it isn't a request; says why, without a value.

    """
    if not isinstance(document, dict):
        raise NotTakenError("valid JSON, but not an object.")
    values = {column_of(key): value for key, value in document.items()}
    if len(values) != len(document):
        raise NotTakenError("an object names a key twice, in two spellings.")
    if values.keys() - TAKEN - PAYLOAD:
        raise NotTakenError(f"a key that is none of {', '.join(FIELDS)}; nor of Segment's regulations.")
    if not PAYLOAD & values.keys():
        return [(0, _texts(values))]
    return _subjects_of(values)


def _subjects_of(payload: dict[str, Any]) -> list[tuple[int, list[str] | str]]:
    kind = SUBJECT_TYPES.get(str(payload.pop("subject_type", "")).upper())
    if kind is None:
        raise NotTakenError(f"subjectType is none of {', '.join(SUBJECT_TYPES)}.")
    subjects = payload.pop("subject_ids", None)
    if not isinstance(subjects, list) or not subjects:
        raise NotTakenError("subjectIds is not a list with an identifier in it.")
    if "request_id" in payload and len(subjects) > 1:
        raise NotTakenError("one request_id for several subjectIds. Leave it out: each gets its own.")
    found: list[tuple[int, list[str] | str]] = []
    for part, subject in enumerate(subjects, start=1):
        try:
            found.append((part, _texts(payload | {kind: subject})))
        except NotTakenError as error:
            found.append((part, str(error)))
    return found


def _texts(values: dict[str, Any]) -> list[str]:
    return [_text(values[field], field) if field in values else "" for field in FIELDS]


def _text(value: Any, field: str) -> str:  # noqa: ANN401 -- any JSON value
    if value is None:
        return ""
    if isinstance(value, str):
        if "\0" in value or (not value.isascii() and any("\ud800" <= letter <= "\udfff" for letter in value)):
            raise NotTakenError(f"{field} has an escaped NUL or half a surrogate pair, which PostgreSQL can't store.")
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    raise NotTakenError(f"{field} is not text.")
