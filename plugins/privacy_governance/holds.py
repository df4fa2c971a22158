"""Legal holds: who has to be kept for now, why, until when. A hold that ends lets the deletion go on."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from psycopg import sql

from privacy_governance.errors import RequestError
from privacy_governance.requests.deciding import name, sentence
from privacy_governance.requests.desk_tables import require_table
from privacy_governance.requests.vocabulary import IDENTIFIERS

if TYPE_CHECKING:
    from datetime import date
    from typing import LiteralString

    from privacy_governance.warehouse import Connection

LONGEST_IDENTIFIER: Final = 512
# what a kind has to look like; a hold of a mistyped address would keep nobody, and nobody would notice
FORMS: Final = {
    "email": (re.compile(r"[^@\s]+@[^@\s]+"), "has not the form of an address"),
    "phone": (re.compile(r"(?:\D*\d){7,15}\D*"), "has not 7 to 15 digits"),
}
# as the macro comparable_identifier
COMPARABLE: Final[dict[str, LiteralString]] = {
    "email": r"lower(btrim({}, E' \t\n\x0B\f\r' || chr(160)))",
    "phone": r"right(regexp_replace({}, '\D', '', 'g'), 10)",
}

LIST: Final = """
select
    hold_id, reason, placed_by, starts_on, ends_on,
    array_remove(array[{kinds}], null) as kinds,
    {reached} as identifiers,
    {people} as people,
    array_remove(array[{untied}], null) as untied
from raw.legal_holds as hold
order by starts_on, hold_id
"""
REACHED: Final = "(select count(*) from governance.held_identifiers as held where held.hold_id = hold.hold_id)"
PEOPLE: Final = """(
        select count(*)
        from governance.held_identifiers as held
        inner join intermediate.int_subjects__tokenized as subject on held.identifier_token = subject.ledger_token
        where held.hold_id = hold.hold_id
    )"""
# a night reads the hold itself, too, and then knows the identifier: what no row ties to another may be mistyped
UNTIED: Final = """case
        when {column} ~ '\\S' and not exists (
            select from intermediate.int_identifiers__tokenized as known
            cross join lateral (
                select from intermediate.int_identifiers__linked where identifier_id = known.identifier_id
                union all
                select from intermediate.int_identifiers__linked where linked_id = known.identifier_id
            ) as link
            where known.identifier_kind = {kind} and known.identifier = {comparable}
        ) then {kind}
    end"""


@dataclass(frozen=True)
class Hold:
    """A hold without whom it is about.

    Its id, ground, who placed it, its first and last day (None: open), the kinds of identifier that it names; how many
    identifiers the last night found that it keeps, and how many user ids are among them; and of which kind it names
    one that no row ties to another.
    """

    hold_id: str
    reason: str | None
    placed_by: str | None
    starts_on: date | None
    ends_on: date | None
    kinds: tuple[str, ...]
    identifiers: int
    people: int = 0
    untied: tuple[str, ...] = ()

    def is_active(self, on: date) -> bool:
        """Whether the night of `on` keeps the data; a hold that another system gave no first day has begun."""
        return (self.starts_on is None or self.starts_on <= on) and (self.ends_on is None or self.ends_on >= on)


def add(
    connection: Connection, kind: str, identifier: str, *, reason: str, by: str, until: date | None, on: date
) -> Hold:
    """Keep a person's data from `on` until `until` (None: until released), whatever is asked or expires meanwhile.

    Whose: of whom `identifier` is, which is a user_id, anonymous_id, email, phone or device_id (`kind`), with all that
    the night finds of them; of everybody who shares it.

    Raises:
        RequestError: no such kind, no or no usable identifier, no ground, nobody who places it, or a last day that is
            over.

    """
    identifier = _usable(kind, identifier)
    if until is not None and until < on:
        raise RequestError(f"--until {until} is over: a hold has to reach {on} or later.")
    hold = Hold(f"hold-{secrets.token_hex(6)}", sentence(reason), name(by), on, until, (kind,), 0)
    require_table(connection, "legal_holds")
    connection.execute(
        sql.SQL(
            "insert into raw.legal_holds (hold_id, {}, reason, placed_by, starts_on, ends_on)"
            " values (%s, %s, %s, %s, %s, %s)"
        ).format(sql.Identifier(kind)),
        [hold.hold_id, identifier, hold.reason, hold.placed_by, hold.starts_on, hold.ends_on],
    )
    return hold


def is_known(connection: Connection, kind: str, identifier: str) -> bool:
    """Return whether a night has read a row with this identifier: a hold of nobody keeps nothing."""
    if not _is_there(connection, "intermediate.int_identifiers__tokenized"):
        return False
    found = connection.execute(
        sql.SQL(
            "select 1 from intermediate.int_identifiers__tokenized where identifier_kind = %s and identifier = {}"
        ).format(_comparable(kind, sql.Placeholder())),
        [kind, identifier.strip()],
    )
    return found.fetchone() is not None


def release(connection: Connection, hold_id: str, *, on: date) -> Hold:
    """Let a hold's last day be `on`, so that the next day's night deletes what was asked; again changes nothing.

    Raises:
        RequestError: there is no such hold.

    """
    require_table(connection, "legal_holds")
    connection.execute(
        "update raw.legal_holds set ends_on = %(on)s"
        " where hold_id = %(hold)s and (ends_on is null or ends_on > %(on)s)",
        {"on": on, "hold": hold_id},
    )
    found = next((hold for hold in every(connection) if hold.hold_id == hold_id), None)
    if found is None:
        raise RequestError(f"there is no hold {hold_id!r}. `govern hold list` shows those there are.")
    return found


def every(connection: Connection) -> tuple[Hold, ...]:
    """Return all holds, those that began first, first."""
    require_table(connection, "legal_holds")
    kinds = sql.SQL(", ").join(
        sql.SQL("case when {} ~ '\\S' then {} end").format(sql.Identifier(kind), sql.Literal(kind))
        for kind in IDENTIFIERS
    )
    is_governed = _is_there(connection, "governance.held_identifiers")
    untied = sql.SQL(", ").join(
        sql.SQL(UNTIED if is_governed else "case when {column} ~ '\\S' then {kind} end").format(
            column=sql.Identifier(kind),
            kind=sql.Literal(kind),
            comparable=_comparable(kind, sql.Identifier("hold", kind)),
        )
        for kind in IDENTIFIERS
    )
    rows = connection.execute(
        sql.SQL(LIST).format(
            kinds=kinds,
            reached=sql.SQL(REACHED if is_governed else "0"),
            people=sql.SQL(PEOPLE if is_governed else "0"),
            untied=untied,
        )
    )
    return tuple(
        Hold(hold_id, reason, by, starts_on, ends_on, tuple(named), identifiers, people, tuple(untied_kinds))
        for hold_id, reason, by, starts_on, ends_on, named, identifiers, people, untied_kinds in rows
    )


def _usable(kind: str, identifier: str) -> str:
    if kind not in IDENTIFIERS:
        raise RequestError(f"{kind!r} is no kind of identifier. Name one of {', '.join(IDENTIFIERS)}.")
    option, identifier = f"--{kind.replace('_', '-')}", identifier.strip()
    if not identifier:
        raise RequestError(f"{option} is empty: name whose data has to be kept.")
    if len(identifier) > LONGEST_IDENTIFIER:
        raise RequestError(f"{option} has over {LONGEST_IDENTIFIER} characters.")
    if kind in FORMS:
        form, flaw = FORMS[kind]
        if not form.fullmatch(identifier):
            raise RequestError(f"{option} {flaw}: the hold would keep nobody.")
    return identifier  # capitals are left to the warehouse: Python lowers some letters to others than it does


def _comparable(kind: str, identifier: sql.Composable) -> sql.Composed:
    return sql.SQL(COMPARABLE.get(kind, "{}")).format(identifier)


def _is_there(connection: Connection, relation: str) -> bool:
    return connection.execute("select to_regclass(%s) is not null", [relation]).fetchone() == (True,)
