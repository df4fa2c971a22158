"""Objects of a JSON file, one a line or in one array, checked one by one; their keys are the columns."""

from __future__ import annotations

import json
from itertools import islice
from typing import TYPE_CHECKING, Any, NoReturn

from psycopg import sql

from privacy_governance.intake.inference import JsonEvidence, Number
from privacy_governance.intake.json_array import ArrayError, ArrayReader
from privacy_governance.intake.names import MOST_COLUMNS, refusals_of_names
from privacy_governance.intake.outcome import LoadedColumn, Refusal, RefusedError, StagedColumn
from privacy_governance.intake.text import decoded, lines

if TYPE_CHECKING:
    import io
    from collections.abc import Iterator, Sequence

    from privacy_governance.intake.folder import DataFile

MOST_REFUSALS = 10
BATCH = 2000
LOOK_CHARACTERS = 4096
NOT_LINES = "not valid JSON on one line. JSON Lines has one object a line; an array of objects is taken, too."

Parsed = tuple[str, dict[str, Any]]


class NotTakenError(ValueError):
    """A document parses and still isn't an object that PostgreSQL would hold whole."""


class JsonLinesFile:
    """A JSON file in one encoding; its columns are known once the batches were read to their end."""

    def __init__(self, file: DataFile, encoding: str) -> None:
        self.name = file.name
        self.path = file.path
        self.encoding = encoding
        self.evidence: dict[str, JsonEvidence] = {}
        self.blank_lines = 0
        self.rows = 0
        self.decoder = json.JSONDecoder(
            object_pairs_hook=without_repeated_keys,
            parse_float=Number,
            parse_int=Number,
            parse_constant=refuse_constant,
        )
        self.is_array = self._first_character() == "["

    def _first_character(self) -> str:
        with decoded(self.path, self.encoding) as text:
            while (start := text.read(LOOK_CHARACTERS)) and start.isspace():
                pass
        return start.lstrip()[:1]

    def batches(self) -> Iterator[Sequence[Sequence[str]]]:
        """Yield the objects' texts, each a record of one field.

        Raises:
            RefusedError: lines that aren't one object each, keys that can't be columns, a NUL.
            UnicodeDecodeError: another encoding.

        """
        self.evidence, self.blank_lines, self.rows = {}, 0, 0
        found: list[Refusal] = []
        with decoded(self.path, self.encoding) as text:
            parsed = self._elements(text, found) if self.is_array else self._lines(text, found)
            while batch := list(islice(parsed, BATCH)):
                self._observe([value for _, value in batch])
                if len(self.evidence) > MOST_COLUMNS:
                    break
                self.rows += len(batch)
                yield [(document,) for document, _ in batch]
        found = found or refusals_of_names(list(self.evidence), self.name, None)
        if not self.evidence and not found:
            found = [Refusal(self.name, None, "no object with a key in it, so no columns.")]
        if found:
            raise RefusedError(*found[:MOST_REFUSALS])

    def _lines(self, text: io.TextIOWrapper, found: list[Refusal]) -> Iterator[Parsed]:
        """Yield each line that is one object; note the others in `found`, up to a limit."""
        for number, line in enumerate(lines(text, self.name), start=1):
            document = line.strip()
            if not document:
                self.blank_lines += 1
                continue
            try:
                yield document, accepted(document, self.decoder.decode(document))
                continue
            except NotTakenError as error:
                reason = str(error)
            except RecursionError:
                reason = "nested too deep."
            except ValueError:
                reason = NOT_LINES
            found.append(Refusal(self.name, number, reason))
            if len(found) == MOST_REFUSALS or document == "{":
                return

    def _elements(self, text: io.TextIOWrapper, found: list[Refusal]) -> Iterator[Parsed]:
        """Yield each element of an array of objects; the first that can't be taken ends it, in `found`."""
        reader = ArrayReader(text, self.decoder.raw_decode)
        try:
            while element := reader.next_element():
                document, value = element
                yield document, accepted(document, value)
        except (NotTakenError, ArrayError) as error:
            reason = str(error)
        except RecursionError:
            reason = "nested too deep."
        except UnicodeDecodeError:
            raise
        except ValueError:
            reason = "not valid JSON, or cut off, in the element that begins here."
        else:
            return
        found.append(Refusal(self.name, reader.line, reason))

    def _observe(self, objects: Sequence[dict[str, Any]]) -> None:
        for key in dict.fromkeys(key for value in objects for key in value):
            self.evidence.setdefault(key, JsonEvidence()).observe([value[key] for value in objects if key in value])

    @property
    def staging(self) -> list[str]:
        """Column definitions of the table that the objects are staged in."""
        return ["document jsonb"]

    def columns(self) -> list[StagedColumn]:
        """Return the keys of all objects in order of first appearance, and where their values are staged."""
        return [
            StagedColumn(LoadedColumn(key, evidence.data_type), staged_value(key, evidence.data_type))
            for key, evidence in self.evidence.items()
        ]

    @property
    def notes(self) -> tuple[str, ...]:
        """What was decided for the reader about this file's form."""
        return (f"{self.blank_lines:,} blank lines left out",) if self.blank_lines else ()


def staged_value(key: str, data_type: str) -> str:
    """Return SQL for a key's value in the staged document."""
    literal = sql.Literal(key).as_string(None)
    if data_type == "jsonb":
        return f"nullif(document -> {literal}, 'null'::jsonb)"
    return f"(document ->> {literal})::{data_type}"


def without_repeated_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return the object, refusing one that names a key twice: PostgreSQL would keep the last value only."""
    value = dict(pairs)
    if len(value) != len(pairs):
        raise NotTakenError("an object names a key twice; one of the values would be lost.")
    return value


def accepted(document: str, value: object) -> dict[str, Any]:
    """Return the parsed document when it is an object that PostgreSQL can hold.

    Raises:
        NotTakenError: it isn't.

    """
    if not isinstance(value, dict):
        raise NotTakenError("valid JSON, but not an object.")
    if "\\u" in document and not all(storable(text) for text in strings_of(value)):
        raise NotTakenError("an escaped NUL or half a surrogate pair, which PostgreSQL can't store.")
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
