"""Made-up people whose every value begins with the same bytes, which stand nowhere else by chance."""

from __future__ import annotations

import hashlib
import secrets
import string
import uuid
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import datetime
    from collections.abc import Mapping

# twelve lower-case letters, 56 bits of chance: what lower() and trim() leave alone, and short enough for a uuid
MARKER_LENGTH = 12
# beyond 2 kB a value moves to TOAST; random printable characters can't be compressed, so its bytes can be searched for
LONG_PARTS = 3
LONG_PART = 1000
PRINTABLE = string.ascii_letters + string.digits + "!#$%&()*+,-./:;=?@[]^_{|}~"
TEXTS = ("text", "character varying", "character", "citext", "json", "jsonb")


@dataclass(frozen=True)
class PlannedColumn:
    """A declared column of a raw table: what a canary puts into it, and whether its bytes can be searched for."""

    relation: str
    name: str
    data_type: str
    is_personal: bool
    identifier_kind: str | None
    is_clock: bool
    # what a row of another table is found by: `relation.key` of the parent, the same on both sides
    link: str | None = None
    is_long: bool = False

    @property
    def base_type(self) -> str:
        """The type without its length."""
        return self.data_type.split("(")[0]

    @property
    def room(self) -> int:
        """Characters that fit in."""
        _, _, length = self.data_type.partition("(")
        return int(length.rstrip(")").split(",")[0]) if length and self.base_type in TEXTS else 1 << 20

    @property
    def is_searchable(self) -> bool:
        """Whether a canary's value here holds the marker; of a number or a date, too few bytes are its own."""
        return self.base_type in {*TEXTS, "uuid", "bytea"} and self.room >= MARKER_LENGTH


@dataclass(frozen=True)
class Unsearchable:
    """A personal column whose values can't be told from others by their bytes."""

    relation: str
    column: str
    data_type: str


@dataclass(frozen=True)
class Run:
    """One proof: the marker that its people's values begin with, its name in the ledger, and when it began."""

    marker: str
    name: str
    began_at: datetime.datetime

    @classmethod
    def new(cls, began_at: datetime.datetime) -> Run:
        """Return a run with a marker of its own; the name, which the ledger keeps, has nothing of the marker."""
        marker = "".join(secrets.choice(string.ascii_lowercase) for _ in range(MARKER_LENGTH))
        return cls(marker, f"canary-{began_at:%Y%m%dT%H%M%S}-{secrets.token_hex(3)}", began_at)

    def request_id(self, person: int) -> str:
        """Return the id of a canary's request for deletion."""
        return f"{self.name}-{person}"

    def identifier(self, kind: str, person: int) -> str:
        """Return a canary's identifier of a kind: the same in every table, and nobody else's."""
        if kind == "email":
            return f"{self.marker}.{person}@example.com"
        if kind == "phone":
            # matching looks at the last ten digits, and no number of ten digits begins with a zero
            return f"{self.marker}0{int(self.marker.encode().hex(), 16) % 10**4:04}{person:05}"
        return f"{self.marker}-{kind}-{person}"

    def value(self, column: PlannedColumn, person: int) -> object:
        """Return what a canary has in a column."""
        kind = column.base_type
        if column.link:
            return self._link(column, person)
        if kind == "uuid":
            return uuid.UUID(bytes=self.marker.encode() + secrets.token_bytes(4))
        if kind == "bytea":
            return self.marker.encode() + secrets.token_bytes(32)
        if kind in TEXTS:
            return self._text(column, person)
        if kind.startswith("timestamp"):
            return self.began_at
        return _plain(kind, self.began_at)

    def _link(self, column: PlannedColumn, person: int) -> object:
        if column.base_type in TEXTS:
            return f"{self.marker}-{column.link}-{person}"[: column.room]
        if column.base_type == "uuid":
            return uuid.UUID(bytes=self.marker.encode() + person.to_bytes(4))
        number = int(hashlib.sha256(f"{self.marker}{column.link}".encode()).hexdigest(), 16)
        return number % 10**6 * 1000 + person

    def _text(self, column: PlannedColumn, person: int) -> str:
        if column.identifier_kind:
            return self.identifier(column.identifier_kind, person)
        if column.is_long:
            parts = (self.marker + _noise(LONG_PART - MARKER_LENGTH) for _ in range(LONG_PARTS))
            return "".join(parts)
        if column.base_type in {"json", "jsonb"}:
            return f'{{"canary": "{self.marker}-{secrets.token_hex(16)}"}}'
        return f"{self.marker}-{person}-{secrets.token_hex(16)}"[: column.room]


def plan_columns(
    relation: str,
    *,
    declared: Mapping[str, Mapping[str, Any]],
    present: Mapping[str, str],
    indexed: frozenset[str],
    table: Mapping[str, Any],
    links: Mapping[str, str],
) -> tuple[PlannedColumn, ...]:
    """Plan a table's columns: `declared` meta and `present` types by name; the last free text is made long.

    `links` names the columns by which a row of one table is reached through another. Returns nothing where no column
    tells whose row it is: such a canary could not be found again.
    """
    columns = [
        PlannedColumn(
            relation=relation,
            name=name,
            data_type=data_type,
            is_personal=declared.get(name, {}).get("identifiability", "none") != "none",
            identifier_kind=_identifier_kind(name, declared.get(name, {}), table),
            is_clock=name == table.get("clock"),
            link=links.get(name),
        )
        for name, data_type in present.items()
    ]
    if not table.get("reached_through") and not any(column.identifier_kind for column in columns):
        return ()
    free = [
        each.name
        for each in columns
        if each.is_personal and each.data_type == "text" and not each.identifier_kind and not each.link
    ]
    long = next((name for name in reversed(free) if name not in indexed), None)
    return tuple(
        replace(column, is_long=column.name == long)
        for column in columns
        if column.is_personal or column.is_clock or column.link
    )


def _identifier_kind(name: str, meta: Mapping[str, Any], table: Mapping[str, Any]) -> str | None:
    if name == table.get("subject_key"):
        return "user_id"
    kind: str | None = "former_id" if meta.get("former_id") else meta.get("identifier")
    return kind


def _noise(length: int) -> str:
    return "".join(secrets.choice(PRINTABLE) for _ in range(length))


def _plain(kind: str, began_at: datetime.datetime) -> object:
    if kind == "date":
        return began_at.date()
    if kind == "boolean":
        return True
    return 1 if kind in {"integer", "bigint", "smallint", "numeric", "real", "double precision"} else None
