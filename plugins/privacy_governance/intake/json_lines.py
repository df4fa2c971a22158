"""Objects of a JSON Lines file, one a line, checked one by one; their keys together are the columns."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NoReturn

from psycopg import sql

from privacy_governance.intake.inference import Cell
from privacy_governance.intake.names import MOST_COLUMNS, refusals_of_names
from privacy_governance.intake.outcome import Refusal, RefusedError
from privacy_governance.intake.text import decoded, lines

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from privacy_governance.intake.folder import DataFile
    from privacy_governance.warehouse import Connection

MOST_REFUSALS = 10
BATCH = 2000
NOT_LINES = (
    "one JSON document, not an object a line. Turn it into JSON Lines; for an array: "
    "jq -c '.[]' FILE.json > FILE.jsonl"
)


class NotTakenError(ValueError):
    """An object is valid for a lenient parser and still would lose something in PostgreSQL."""


class JsonLinesFile:
    """A JSON Lines file in one encoding; `keys` is whole once the batches were read to their end."""

    def __init__(self, file: DataFile, encoding: str) -> None:
        self.name = file.name
        self.path = file.path
        self.encoding = encoding
        self.keys: dict[str, None] = {}
        self.blank_lines = 0
        self.rows = 0

    def batches(self) -> Iterator[Sequence[Sequence[str]]]:
        """Yield the objects' texts, each a record of one field.

        Raises:
            RefusedError: lines that aren't one object each, keys that can't be columns, a NUL.
            UnicodeDecodeError: another encoding.

        """
        decode = json.JSONDecoder(
            object_pairs_hook=without_repeated_keys,
            parse_float=str,
            parse_int=str,
            parse_constant=refuse_constant,
        ).decode
        self.keys, self.blank_lines, self.rows = {}, 0, 0
        found, batch = list[Refusal](), list[list[str]]()
        with decoded(self.path, self.encoding) as text:
            for number, line in enumerate(lines(text, self.name), start=1):
                document = line.strip()
                if not document:
                    self.blank_lines += 1
                    continue
                if document == "{" or document.startswith("["):
                    found.append(Refusal(self.name, number, NOT_LINES))
                    break
                reason = self._take(document, decode)
                if reason is None:
                    batch.append([document])
                else:
                    found.append(Refusal(self.name, number, reason))
                    if len(found) == MOST_REFUSALS:
                        break
                if len(self.keys) > MOST_COLUMNS:
                    break
                if len(batch) == BATCH:
                    self.rows += len(batch)
                    yield batch
                    batch = []
        found = found or refusals_of_names(list(self.keys), self.name, None)
        if not self.keys and not found:
            found = [Refusal(self.name, None, "no object with a key in it, so no columns.")]
        if found:
            raise RefusedError(*found[:MOST_REFUSALS])
        self.rows += len(batch)
        yield batch

    def _take(self, document: str, decode: Callable[[str], object]) -> str | None:
        """Note the keys of one line's object, or return why the line is refused."""
        reason = None
        try:
            value = decode(document)
            if not isinstance(value, dict):
                return "valid JSON, but not an object."
            if "\\u" in document and not all(storable(text) for text in strings_of(value)):
                return "an escaped NUL or half a surrogate pair, which PostgreSQL can't store."
            self.keys.update(dict.fromkeys(value))
        except NotTakenError as error:
            reason = str(error)
        except RecursionError:
            reason = "nested too deep."
        except ValueError:
            reason = "not valid JSON on one line (JSON Lines has one object a line)."
        return reason

    @property
    def staging(self) -> list[str]:
        """Column definitions of the table that the objects are staged in."""
        return ["document jsonb"]

    def columns(self, connection: Connection) -> tuple[list[str], list[Cell]]:
        """Return the keys of all objects, in order of first appearance, and where their values are staged."""
        literals = [sql.Literal(key).as_string(connection) for key in self.keys]
        return list(self.keys), [Cell(f"(document ->> {key})", f"(document -> {key})") for key in literals]

    @property
    def notes(self) -> tuple[str, ...]:
        """What was decided for the reader about this file's form."""
        return (f"{self.blank_lines:,} blank lines left out",) if self.blank_lines else ()


def without_repeated_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return the object, refusing one that names a key twice: PostgreSQL would keep the last value only."""
    value = dict(pairs)
    if len(value) != len(pairs):
        raise NotTakenError("an object names a key twice; one of the values would be lost.")
    return value


def strings_of(value: Any) -> Iterator[str]:  # noqa: ANN401 -- any JSON value
    """Yield every key and string in a JSON value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield key
            yield from strings_of(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from strings_of(inner)


def storable(text: str) -> bool:
    """Say whether PostgreSQL can hold this text."""
    return "\0" not in text and not any("\ud800" <= character <= "\udfff" for character in text)


def refuse_constant(_: str) -> NoReturn:
    """Refuse NaN and Infinity, which aren't JSON."""
    raise NotTakenError("NaN or Infinity, which aren't JSON. Write null or a string.")
