"""What of the ledger is copied, and the words of SQL that turn its rows into lines."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, LiteralString

from psycopg import sql

if TYPE_CHECKING:
    from privacy_governance.warehouse import Connection

# clocks in the copy must not depend on where it was written
SESSION = {"timezone": "UTC", "datestyle": "ISO"}
GENESIS = "0" * 64

# What a receipt's digest covers, in this order; the same as governance.receipt_digest, said again here because the
# verifier must not ask the warehouse's stored functions, which whoever edits a receipt could have replaced as well.
RECEIPT_COLUMNS = (
    "receipt_id", "night", "relation", "reason", "subject_token", "request_id", "redacted_columns", "purged_rows",
    "plan_digest", "purged_at", "previous_digest",
)  # fmt: skip
CONTENT: LiteralString = """pg_catalog.jsonb_build_array(
    receipt_id, night, relation, reason, subject_token, request_id, redacted_columns, purged_rows, plan_digest,
    extract(epoch from purged_at), previous_digest
)::text"""


@dataclass(frozen=True)
class Copyable:
    """A table of the ledger whose rows change: each change is a line of the copy, and the last line of a key counts."""

    name: str
    key: tuple[str, ...]
    # numbered by the warehouse itself
    left_out: tuple[str, ...] = ()

    @property
    def relation(self) -> sql.Identifier:
        """Its name in SQL."""
        return sql.Identifier("governance", self.name)

    @property
    def key_text(self) -> sql.Composed:
        """SQL of a row's key as one text."""
        columns = sql.SQL(", ").join(map(sql.Identifier, self.key))
        return sql.SQL("jsonb_build_array({})::text").format(columns)

    @property
    def row(self) -> sql.Composed:
        """SQL of a row of the table `entry` as jsonb."""
        return sql.SQL("(to_jsonb(entry) - {}::text [])").format(list(self.left_out))

    def columns(self, connection: Connection) -> list[str]:
        """Names of the columns that a row of the copy fills."""
        found = connection.execute(
            "select attname::text from pg_attribute where attrelid = %s::regclass and attnum > 0 and not attisdropped"
            " and attgenerated = '' and attname <> all(%s) order by attnum",
            [f"governance.{self.name}", list(self.left_out)],
        )
        return [name for (name,) in found]


# in the order in which they refer to each other
COPYABLE = (
    Copyable("deletion_requests", ("request_id",)),
    Copyable("request_exceptions", ("request_id", "relation", "column_name")),
    Copyable("request_identifiers", ("request_id", "identifier_token")),
    Copyable("reviews", ("kind", "about"), left_out=("review_id",)),
    Copyable("tombstones", ("identifier_token",), left_out=("tombstone_id",)),
)
