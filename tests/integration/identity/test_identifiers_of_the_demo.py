"""What the models of identity read from raw tables, on the demo's hard cases; and that they read only what is new."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from lib.nights import ON, night_of
from privacy_governance import identity, requests, tombstones
from privacy_governance.warehouse.bootstrap import bootstrap

SHARED = "5ad0f1ce-0000-4000-8000-000000000001"
ALIVE = "violation_tombstoned_subject_alive"
# by user id alone, from the raw tables: whose rows a request dooms
DOOMED = """
select count(distinct kept.{key})
from raw.{table} as kept
inner join raw.privacy_requests as request on request.user_id = kept.{key}
where
    request.verified_at is not null
    and kept.{key} not in (
        select user_id from raw.legal_holds where ends_on is null and user_id is not null
    )
    and (request.regulation_type = 'SUPPRESS_WITH_DELETE' or kept.received_at < request.received_at)
"""
RETURNED = """
insert into raw.signed_up (id, user_id, received_at) values
    ('new after its deletion', 'usr_planted_delete_only', timestamptz '2026-02-28 12:00+00'),
    ('late, from before it', 'usr_planted_hold_ended', timestamptz '2020-01-01 00:00+00')
"""
MODELS = ("int_subjects__tokenized", "int_identifiers__tokenized", "int_identifiers__linked")
LATE = """
insert into raw.pages (id, user_id, anonymous_id, received_at, uuid_ts) values
    ('new', 'usr_new', 'browser new', now(), timestamptz '2026-02-28 12:00+00'),
    ('unstamped', 'usr_unstamped', null, now(), null),
    ('stamped long ago', 'usr_long_ago', null, now(), timestamptz '2025-01-01 00:00+00'),
    ('ahead', 'usr_ahead', null, now(), timestamptz '2099-01-01 00:00+00');
insert into raw.identifies (id, user_id, email, received_at, uuid_ts)
values ('signs in by address', 'both@example.com', 'both@example.com', now(), timestamptz '2026-02-28 12:00+00')
"""


@dataclass(frozen=True)
class Read:
    checkout: object
    first: int
    second: int

    def ask(self, query, parameters=None):
        with self.checkout.warehouse.connect("look", session=night_of(self.checkout).session) as connection:
            return connection.execute(query, parameters).fetchall()

    def users(self, pattern):
        rows = self.ask(
            "select identifier from intermediate.int_identifiers__tokenized"
            " where identifier_kind = 'user_id' and identifier like %s",
            [pattern],
        )
        return {user for (user,) in rows}

    def found(self, request):
        """Return the (kind, identifier, is_shared) of what was found for a request of the demo."""
        return set(
            self.ask(
                "select seen.identifier_kind, seen.identifier, found.is_shared"
                " from governance.request_identifiers as found"
                " inner join intermediate.int_identifiers__tokenized as seen"
                " on seen.ledger_token = found.identifier_token where found.request_id = %s",
                [request],
            )
        )


@pytest.fixture(scope="module")
def read(governed):
    """The demo's warehouse after its identifiers were read twice, and its requests resolved once."""
    night = night_of(governed)
    bootstrap(governed.warehouse, fingerprints=night.keys.fingerprints())
    with governed.warehouse.connect("ask for one of two who share a browser") as connection:
        connection.execute(
            "insert into raw.privacy_requests (request_id, regulation_type, user_id, received_at, verified_at,"
            " verified_by)"
            " values ('shared', 'SUPPRESS_WITH_DELETE', 'usr_planted_shared_a', %s, %s, 'privacy_desk')",
            [ON, ON],
        )
    night.transformations.run("run", "staging", "intermediate.subjects")
    reading = Read(governed, 0, 0)
    count = "select count(*) from intermediate.int_identifiers__tokenized"
    first = reading.ask(count)[0][0]
    with governed.warehouse.connect("resolve", session=night.session) as connection:
        requests.take_in(connection)
        identity.resolve(connection, ON.isoformat())
        tombstones.place(connection, night=ON.isoformat())
        connection.execute(LATE)
    night.transformations.run("run", *MODELS)
    return Read(governed, first, reading.ask(count)[0][0])


@pytest.mark.parametrize("model", MODELS)
def test_what_was_read_for_the_first_time_is_analyzed_before_it_is_asked(read, model):
    planned = read.ask("select reltuples > 100 from pg_class where oid = %s::regclass", [f"intermediate.{model}"])
    assert planned == [(True,)], "the planner would take it for empty, and look into it once a row"


def test_a_name_that_was_changed_twice_leads_to_all_three_and_the_browser(read):
    browser = read.ask("select md5('usr_planted_alias')::uuid::text")[0][0]
    found = read.found("req-planted-alias-chain")
    assert {kind_and_name[1] for kind_and_name in found if not kind_and_name[2]} >= {
        "usr_planted_alias", "usr_planted_alias_old", "usr_planted_alias_older", browser, "cleo.planted@example.com",
    }  # fmt: skip


def test_three_addresses_are_one_person_in_one_spelling(read):
    mails = {
        name for kind, name, is_shared in read.found("req-planted-three-emails") if kind == "email" and not is_shared
    }
    assert mails == {f"dora.{which}.planted@example.com" for which in ("first", "second", "third")}


def test_a_shared_browser_is_left_and_its_other_user_is_not_reached(read):
    found = read.found("shared")
    assert ("anonymous_id", SHARED, True) in found
    assert not any(name == "usr_planted_shared_b" for _, name, _ in found)


def test_no_request_of_the_demo_needs_a_person(read):
    assert read.ask("select count(*) from governance.reviews") == [(0,)]


def test_blanks_are_no_identifiers(read):
    assert read.ask(r"select count(*) from intermediate.int_identifiers__tokenized where identifier !~ '\S'") == [(0,)]
    assert read.ask("select count(*) from intermediate.int_subjects__tokenized where subject_id !~ '\\S'") == [(0,)]


def test_what_a_request_claims_is_known_and_links_nothing(read):
    (claimed,) = read.ask(
        "select identifier_id from intermediate.int_identifiers__tokenized"
        " where identifier = 'unknown.planted@example.com'"
    )
    links = read.ask(
        "select count(*) from intermediate.int_identifiers__linked where %s in (identifier_id, linked_id)", claimed
    )
    assert links == [(0,)]


def test_an_address_that_serves_as_user_id_is_linked_to_itself(read):
    links = read.ask(
        "select one.identifier_kind, other.identifier_kind from intermediate.int_identifiers__linked as link"
        " inner join intermediate.int_identifiers__tokenized as one using (identifier_id)"
        " inner join intermediate.int_identifiers__tokenized as other on link.linked_id = other.identifier_id"
        " where one.identifier = 'both@example.com'"
    )
    assert links == [("user_id", "email")]


def test_an_identifier_s_token_is_the_same_as_of_a_request(read):
    unknown = read.ask("select count(*) from governance.request_identifiers where identifier_kind = 'unknown'")
    assert unknown == [(0,)]


def test_only_rows_loaded_since_are_read_and_a_clock_that_runs_ahead_hides_none(read):
    assert read.users("usr%") >= {"usr_new", "usr_unstamped", "usr_ahead"}
    assert read.users("usr_long_ago") == set()
    assert read.second == read.first + 6


def test_a_table_that_was_replaced_is_read_as_a_whole(read):
    with read.checkout.warehouse.connect("rewrite") as connection:
        connection.execute("create table kept as table raw.pages; truncate raw.pages; insert into raw.pages table kept")
    night_of(read.checkout).transformations.run("run", "int_identifiers__tokenized")
    assert read.users("usr_long_ago") == {"usr_long_ago"}


def test_the_violation_counts_whose_doomed_rows_are_left_and_not_what_came_after_a_deletion(read):
    with read.checkout.warehouse.connect("load") as connection:
        connection.execute(RETURNED)
    transformations = night_of(read.checkout).transformations
    transformations.run("seed", "governance_exceptions", "deletion_exceptions")
    transformations.run("run", ALIVE)
    offenders = dict(read.ask(f"select relation, offenders from audit.{ALIVE}"))
    for table, key in (("users", "id"), ("signed_up", "user_id"), ("tracks", "user_id")):
        (expected,) = read.ask(DOOMED.format(table=table, key=key))[0]
        assert offenders[f"raw.{table}"] == expected > 0, table
