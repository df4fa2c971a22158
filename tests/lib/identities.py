"""Identifiers and links as the night's models write them, without dbt: a few rows, their tokens, the requests."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import count

from lib.checkouts import KEY
from privacy_governance import identity, reviews, tombstones
from privacy_governance.keys import Keys

STRENGTH = ("user_id", "anonymous_id", "email", "phone", "device_id", "advertising_id")
KEYS = Keys.derive(KEY, salt="a salt of a period")
NIGHT = "2026-03-01"


def token(kind, identifier):
    return KEYS.token("ledger", identifier if kind == "user_id" else f"{kind}:{identifier}")


@dataclass
class Desk:
    """A bare warehouse in which rows were seen, and people ask."""

    connection: object
    numbers: count = field(default_factory=count)

    def see(self, *rows):
        """Enter the identifiers of raw rows, {kind: identifier}, and that they stood together."""
        for row in rows:
            present = [(kind, row[kind]) for kind in STRENGTH if kind in row]
            for kind, identifier in present:
                self._enter(kind, identifier)
                if kind == "user_id":
                    self.connection.execute(
                        "insert into intermediate.int_subjects__tokenized values (%s, %s, %s) on conflict do nothing",
                        [identifier, token(kind, identifier), KEYS.token("research", identifier)],
                    )
            for other in present[1:]:
                self._link(present[0], other, is_alias=False)

    def rename(self, former, present):
        """Enter an alias call."""
        for kind, identifier in (("user_id", present), ("user_id", former), ("anonymous_id", former)):
            self._enter(kind, identifier)
        self._link(("user_id", present), ("user_id", former), is_alias=True)
        self._link(("user_id", present), ("anonymous_id", former), is_alias=False)

    def hold(self, *named):
        """Hold whom each of the (kind, identifier) pairs names."""
        for kind, identifier in named:
            self.connection.execute(
                "insert into intermediate.int_legal_holds__active values (%s, %s, %s)",
                [f"hold of {identifier}", kind, identifier],
            )

    def release(self, kind, identifier):
        self.connection.execute(
            "delete from intermediate.int_legal_holds__active where identifier_kind = %s and identifier = %s",
            [kind, identifier],
        )

    def ask(self, *given, regulation="SUPPRESS_WITH_DELETE", received="2026-02-01"):
        """Enter a verified request that gives (kind, identifier) pairs; return its id."""
        request = f"req-{next(self.numbers)}"
        tokens = [token(*each) for each in given]
        self.connection.execute(
            "insert into governance.deletion_requests (request_id, regulation_type, subject_token, given_tokens,"
            " received_at, confirm_by, due_on, verified_at, state)"
            " values (%s, %s, %s, %s, %s, '2026-02-15', '2026-03-15', %s, 'verified')",
            [request, regulation, tokens[0], tokens, f"{received} 00:00+00", f"{received} 00:00+00"],
        )
        return request

    def night(self, night=NIGHT):
        """Resolve and place, as the night's step does."""
        resolved = identity.resolve(self.connection, night)
        tombstones.place(self.connection, night=night)
        return resolved

    def purge(self, request):
        """Take all rows of a request away, as the purge does: links and identifiers, too."""
        gone = (
            "select found.identifier_id from governance.tombstones as tombstone"
            " inner join intermediate.int_identifiers__tokenized as found"
            " on tombstone.identifier_token = found.ledger_token where tombstone.request_id = %(request)s"
        )
        parameters = {"request": request}
        self.connection.execute(
            "delete from intermediate.int_identifiers__linked"
            f" where identifier_id in ({gone}) or linked_id in ({gone})",
            parameters,
        )
        self.connection.execute(
            f"delete from intermediate.int_identifiers__tokenized where identifier_id in ({gone})", parameters
        )
        self.connection.execute(
            "update governance.deletion_requests set state = 'carried out' where request_id = %(request)s", parameters
        )

    def decide(self, made):
        (waiting,) = reviews.pending(self.connection)
        return reviews.decide(self.connection, waiting.review_id, made, by="Privacy desk")

    def found(self, request, *, shared=False):
        """Return the (kind, identifier) pairs found for a request; those of others too, or only those."""
        return self._named(
            "select identifier_token from governance.request_identifiers where request_id = %s and is_shared = %s",
            [request, shared],
        )

    def tombstoned(self):
        """Return {(kind, identifier)} of all tombstones."""
        return self._named("select identifier_token from governance.tombstones")

    def held(self):
        """Return {(kind, identifier)} of all that holds reach."""
        return self._named("select identifier_token from governance.held_identifiers")

    def held_since(self):
        """Return {(kind, identifier)} of what is kept of those whom a hold names that came after the night."""
        return self._named(
            "select each.ledger_token from unnest(governance.newly_held_identifiers()) as newcomer (identifier_id)"
            " inner join intermediate.int_identifiers__tokenized as each using (identifier_id)"
        )

    def tombstoned_tokens(self):
        return {token for (token,) in self.connection.execute("select identifier_token from governance.tombstones")}

    def doomed(self, kind, identifier):
        """Return the days between which rows of an identifier are doomed; None where it is not tombstoned."""
        return self.connection.execute(
            "select doomed_from::date::text, doomed_until::date::text from governance.tombstones"
            " where identifier_token = %s",
            [token(kind, identifier)],
        ).fetchone()

    def state(self, request):
        (state,) = self.connection.execute(
            "select state from governance.deletion_requests where request_id = %s", [request]
        ).fetchone()
        return state

    def _named(self, query, parameters=None):
        rows = self.connection.execute(
            "select found.token, seen.identifier_kind, seen.identifier"
            f" from ({query}) as found (token)"
            " left join intermediate.int_identifiers__tokenized as seen on seen.ledger_token = found.token",
            parameters,
        )
        return {(kind, identifier) if kind else ("unseen", text) for text, kind, identifier in rows}

    def _enter(self, kind, identifier):
        made = token(kind, identifier)
        self.connection.execute(
            "insert into intermediate.int_identifiers__tokenized values (%s, %s, %s, %s) on conflict do nothing",
            [kind, identifier, made, made[:32]],
        )

    def _link(self, one, other, *, is_alias):
        self.connection.execute(
            "insert into intermediate.int_identifiers__linked values (%s, %s, %s, %s, %s) on conflict do nothing",
            [token(*one)[:32], one[0], token(*other)[:32], other[0], is_alias],
        )
