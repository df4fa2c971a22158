"""What a night purges, what it keeps, and the receipts for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import pytest

from lib.nights import ON, enforce, night_of
from privacy_governance.night import plan_purge
from privacy_governance.warehouse.bootstrap import bootstrap

# as the sources declare them: the table, its subject's key, its clock
HOLDERS = {
    "identifies": ("user_id", "received_at"),
    "users": ("id", "received_at"),
    "groups": ("user_id", "received_at"),
    "aliases": ("user_id", "received_at"),
    "tracks": ("user_id", "received_at"),
    "pages": ("user_id", "received_at"),
    "screens": ("user_id", "received_at"),
    "signed_up": ("user_id", "received_at"),
    "order_completed": ("user_id", "received_at"),
    "feature_used": ("user_id", "received_at"),
    "payments": ("user_id", "paid_at"),
    "support_tickets": ("user_id", "opened_at"),
    "call_recordings": ("user_id", "started_at"),
    "survey_responses": ("user_id", "submitted_at"),
    "inferred_preferences": ("user_id", "inferred_at"),
}
# rows of somebody who left an address beside a browser, and whom a hold names by it
HELD_VISITOR = "%-planted_visitor-old"
PROBES = """
insert into raw.tracks (id, user_id, received_at) values
    ('a second too young', 'probe', timestamptz '2024-03-01 00:00:00+00'),
    ('a second too old', 'probe', timestamptz '2024-02-29 23:59:59+00'),
    ('nobody''s, young', '', timestamptz '2026-02-01 00:00:00+00'),
    ('unknown, young', null, timestamptz '2026-02-01 00:00:00+00')
"""


# a table without a subject of its own, and one whose rows are the business's
SHOP = """
version: 2
sources:
  - name: shop
    schema: raw
    tables:
      - name: order_lines
        config:
          meta: &shop
            reached_through: { column: order_id, relation: raw.order_completed, key: order_id }
            sources: [our_customers]
            purposes: [service_delivery]
            parties: [service_providers]
        columns:
          - name: order_id
            data_type: text
            config: { meta: &bought { pi_kind: transaction_information, identifiability: quasi } }
          - { name: article, data_type: text, config: { meta: *bought } }
      - name: invoices
        config:
          meta: { <<: *shop, reached_through: null, subject_key: user_id, deletion: redact }
        columns:
          - { name: user_id, data_type: text, config: { meta: { <<: *bought, identifier: user_id } } }
          - { name: name, data_type: text, config: { meta: { <<: *bought, redacted_as: somebody } } }
          - { name: greeting, data_type: text, config: { meta: *bought } }
          - { name: amount, data_type: int, config: { meta: { ccpa_category: none, reason: Accounts. } } }
"""
# what keeps rows by itself: an incremental model and a snapshot
BUILT = """
version: 2
models:
  - name: int_visits__kept
    config: { meta: { subject_key: user_id, clock: received_at } }
    columns:
      - { name: anonymous_id, config: { meta: { identifier: anonymous_id } } }
"""
VISITS = """
{{ config(materialized="incremental", unique_key="id") }}
select id, user_id, anonymous_id, path, received_at from {{ source("segment", "pages") }}
"""
HISTORY = """
version: 2
snapshots:
  - name: users_history
    relation: source("segment", "users")
    config:
      schema: intermediate
      unique_key: id
      strategy: check
      check_cols: all
      meta: { subject_key: id }
"""
VISITS_RULE = ",,site_operation,intermediate.int_visits__kept,,12 months,collected,delete_row,A year of visits,,\n"
SHOP_ROWS = """
create table raw.order_lines as
select order_id, 'article ' || part as article from raw.order_completed, generate_series(1, 2) as part;
create table raw.invoices (
    user_id text, name text not null, amount int, greeting text generated always as ('Dear ' || name) stored
);
insert into raw.invoices select id, 'a name', 7 from raw.users
"""


def open_shop(checkout):
    """Add two tables to the warehouse, to the sources and to the purge, and two built ones, as a person would."""
    with checkout.warehouse.connect("load two more tables") as connection:
        connection.execute(SHOP_ROWS)
    models = checkout.settings.dbt_project / "models"
    (models / "staging" / "_shop__sources.yml").write_text(SHOP)
    purges = models / "intermediate" / "purge"
    for table in ("order_lines", "invoices"):
        (purges / f"int_{table}__doomed.sql").write_text(
            f'{{{{ config(relation="raw.{table}") }}}}\n{{{{ doomed_source_rows("shop", "{table}") }}}}\n'
        )
    project = checkout.settings.dbt_project
    (models / "intermediate" / "int_visits__kept.sql").write_text(VISITS)
    (models / "intermediate" / "_visits__models.yml").write_text(BUILT)
    (project / "snapshots").mkdir()
    (project / "snapshots" / "users_history.yml").write_text(HISTORY)
    with (project / "seeds" / "retention_rules.csv").open("a") as file:
        file.write(VISITS_RULE)
    for built, purge in (("int_visits__kept", "int_visits__doomed"), ("users_history", "int_users_history__doomed")):
        (purges / f"{purge}.sql").write_text(
            f'{{{{ config(relation="intermediate.{built}") }}}}\n{{{{ doomed_built_rows("{built}") }}}}\n'
        )
    for later, earlier in (
        ("order_completed", "order_lines"),
        ("identifier_links", "invoices"),
        ("identifier_links", "visits"),
        ("identifier_links", "users_history"),
    ):
        with (purges / f"int_{later}__doomed.sql").open("a") as file:
            file.write(f'\n-- depends_on: {{{{ ref("int_{earlier}__doomed") }}}}\n')


def ask(checkout, query, parameters=None):
    with checkout.warehouse.connect("look", session=night_of(checkout).session) as connection:
        return connection.execute(query, parameters).fetchall()


def counts(checkout):
    return {table: ask(checkout, f"select count(*) from raw.{table}")[0][0] for table in HOLDERS}


def receipts(checkout):
    rows = ask(checkout, "select relation, sum(purged_rows)::int from governance.purge_receipts group by relation")
    return dict(rows)


@dataclass(frozen=True)
class Enforced:
    checkout: object
    before: dict
    planned: object
    after_plan: dict
    asked: list
    on_hold: list


@pytest.fixture(scope="module")
def enforced(governed):
    """A warehouse before a dry run, after it, and after the night."""
    with governed.warehouse.connect("insert probes") as connection:
        connection.execute(PROBES)
    open_shop(governed)
    night = night_of(governed)
    bootstrap(governed.warehouse, fingerprints=night.keys.fingerprints())
    night.transformations.run("build", "int_visits__kept", "users_history")
    before = counts(governed)
    named = ask(
        governed,
        "select request_id, user_id from raw.privacy_requests"
        " where regulation_type = 'SUPPRESS_WITH_DELETE' and nullif(user_id, '') is not null",
    )
    on_hold = ask(
        governed,
        "select distinct user_id from raw.legal_holds"
        " where user_id is not null and starts_on <= %s and (ends_on is null or ends_on >= %s)",
        [ON, ON],
    )
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("privacy_governance.purging.scans.FROM_BYTES", 1)  # the demo's tables are small
        planned = plan_purge(night_of(governed))
    after_plan = counts(governed)
    enforce(governed)
    states = dict(ask(governed, "select request_id, state from governance.deletion_requests"))
    asked = sorted({user for request, user in named if states.get(request) == "carried out"})
    return Enforced(governed, before, planned, after_plan, asked, [i for (i,) in on_hold])


def test_a_dry_run_purges_nothing_and_writes_no_tombstone(enforced):
    assert enforced.after_plan == enforced.before
    assert len(enforced.planned.digest) == 64


def test_a_dry_run_tells_the_tables_that_are_read_whole(enforced):
    assert "raw.accounts" in {scan.relation for scan in enforced.planned.scans}


def test_the_night_purges_what_the_dry_run_planned(enforced):
    planned = {}
    for purge in enforced.planned.purges:
        planned[purge.relation] = planned.get(purge.relation, 0) + purge.rows
    assert planned
    assert receipts(enforced.checkout) == planned


def test_a_receipt_covers_each_row_that_is_gone(enforced):
    after = counts(enforced.checkout)
    gone = {f"raw.{t}": enforced.before[t] - after[t] for t in HOLDERS if enforced.before[t] != after[t]}
    receipted = dict(
        ask(
            enforced.checkout,
            "select relation, sum(purged_rows)::int from governance.purge_receipts"
            " where redacted_columns is null group by relation",
        )
    )
    assert gone == {relation: receipted.get(relation) for relation in gone}


@pytest.mark.parametrize("table", HOLDERS)
def test_a_tombstoned_subject_is_in_no_table(enforced, table):
    key, _ = HOLDERS[table]
    assert len(enforced.asked) > 2
    left = ask(enforced.checkout, f"select count(*) from raw.{table} where {key} = any(%s)", [enforced.asked])
    assert left == [(0,)]


@pytest.mark.parametrize("table", [table for table in HOLDERS if table not in {"users", "payments"}])
def test_no_row_outlives_its_period_unless_it_is_on_hold(enforced, table):
    key, clock = HOLDERS[table]
    left = ask(
        enforced.checkout,
        f"select count(*) from raw.{table} where {clock} < %s::timestamptz - interval '24 months'"
        f" and coalesce({key}, '') <> all(%s) and id not like %s",
        [ON, enforced.on_hold, HELD_VISITOR],
    )
    assert left == [(0,)]


def test_a_row_without_a_subject_goes_with_the_row_that_it_is_reached_through(enforced):
    orphans = ask(
        enforced.checkout,
        "select count(*) from raw.order_lines as line where not exists"
        " (select from raw.order_completed as o where o.order_id = line.order_id and nullif(o.user_id, '') = any(%s))"
        " and exists (select from governance.purge_receipts where relation = 'raw.order_lines')",
        [enforced.asked],
    )
    assert ask(
        enforced.checkout,
        "select count(*) from governance.purge_receipts where relation = 'raw.order_lines' and reason = 'tombstone'",
    ) != [(0,)]
    kept = ask(enforced.checkout, "select count(*) from raw.order_lines")
    assert orphans == kept


def test_a_row_of_the_business_stays_and_names_nobody(enforced):
    invoices = ask(enforced.checkout, "select count(*), sum(amount) from raw.invoices")[0]
    assert invoices == (enforced.before["users"], 7 * enforced.before["users"])
    assert ask(enforced.checkout, "select count(*) from raw.invoices where user_id = any(%s)", [enforced.asked]) == [
        (0,)
    ]
    redacted = ask(enforced.checkout, "select name, greeting, user_id from raw.invoices where name <> 'a name'")
    assert redacted
    assert set(redacted) == {("somebody", "Dear somebody", None)}
    columns = ask(
        enforced.checkout,
        "select distinct redacted_columns from governance.purge_receipts where relation = 'raw.invoices'",
    )
    assert columns == [(["greeting", "name", "user_id"],)]
    again = {purge.relation for purge in plan_purge(night_of(enforced.checkout)).purges}
    assert "raw.invoices" not in again, "a computed column is redacted every night"


@pytest.mark.parametrize(("built", "key"), [("int_visits__kept", "user_id"), ("users_history", "id")])
def test_what_an_incremental_model_or_a_snapshot_keeps_of_a_subject_goes_too(enforced, built, key):
    label = f"intermediate.{built}"
    assert ask(enforced.checkout, f"select count(*) from {label} where {key} = any(%s)", [enforced.asked]) == [(0,)]
    assert ask(enforced.checkout, f"select count(*) > 0 from {label}") == [(True,)]
    gone = ask(
        enforced.checkout,
        "select count(distinct subject_token) from governance.purge_receipts"
        " where relation = %s and reason = 'tombstone'",
        [label],
    )
    assert gone[0][0] > 0


def test_a_tombstoned_subject_that_is_back_in_what_is_built_is_a_violation(enforced):
    with enforced.checkout.warehouse.connect("bring a row back") as connection:
        connection.execute(
            "insert into intermediate.int_visits__kept (id, user_id, received_at) values ('back', %s, '2026-02-01')",
            [enforced.asked[0]],
        )
    night_of(enforced.checkout).transformations.run("run", "violation_tombstoned_subject_alive")
    found = ask(enforced.checkout, "select relation, offenders from audit.violation_tombstoned_subject_alive")
    assert found == [("intermediate.int_visits__kept", 1)]
    with enforced.checkout.warehouse.connect("take it away") as connection:
        connection.execute("delete from intermediate.int_visits__kept where id = 'back'")


def test_a_row_that_an_incremental_model_keeps_past_its_own_period_goes_though_the_source_s_stays(enforced):
    old = (
        "select count(*) from {} where received_at < timestamptz '2025-03-01' and coalesce(user_id, '') <> all(%s)"
        " and id not like %s"
    )
    asked = [enforced.on_hold, HELD_VISITOR]
    kept = ask(enforced.checkout, old.format("raw.pages"), asked)
    assert kept[0][0] > 0
    assert ask(enforced.checkout, old.format("intermediate.int_visits__kept"), asked) == [(0,)]


def test_a_snapshot_s_columns_are_tagged_as_what_they_come_from(enforced):
    tags = dict(
        ask(
            enforced.checkout,
            "select column_name, identifiability from governance.column_tags"
            " where relation = 'intermediate.users_history'",
        )
    )
    assert tags["email"] == "direct"
    assert tags["dbt_valid_from"] == "none"


def test_a_row_a_second_younger_than_its_period_stays(enforced):
    left = ask(enforced.checkout, "select id from raw.tracks where user_id = 'probe'")
    assert left == [("a second too young",)]


def test_a_row_without_a_subject_matches_no_tombstone(enforced):
    left = ask(enforced.checkout, "select count(*) from raw.tracks where id in ('nobody''s, young', 'unknown, young')")
    assert left == [(2,)]


def test_a_subject_on_hold_keeps_its_rows_and_its_request_waits(enforced):
    assert enforced.on_hold
    rows = ask(enforced.checkout, "select count(*) from raw.users where id = any(%s)", [enforced.on_hold])
    assert rows[0][0] > 0
    assert ("on hold",) in ask(enforced.checkout, "select distinct state from governance.deletion_requests")


def test_a_hold_by_address_keeps_the_rows_of_the_browser_beside_it_and_the_request_waits(enforced):
    for table in ("identifies", "pages"):
        left = ask(enforced.checkout, f"select count(*) from raw.{table} where id like %s", [HELD_VISITOR])
        assert left == [(1,)], table
    state = "select state from governance.deletion_requests where request_id = 'req-planted-visitor-under-hold'"
    assert ask(enforced.checkout, state) == [("on hold",)]


def test_carried_out_requests_leave_no_identifier_behind(enforced):
    left = ask(enforced.checkout, "select count(*) from raw.privacy_requests where user_id = any(%s)", [enforced.asked])
    assert left == [(0,)]
    states = dict(ask(enforced.checkout, "select state, count(*) from governance.deletion_requests group by state"))
    assert states["carried out"] >= len(enforced.asked)
    assert "tombstoned" not in states


def test_late_rows_of_a_tombstoned_subject_go_the_next_night(enforced):
    late = enforced.asked[0]
    with enforced.checkout.warehouse.connect("load late rows") as connection:
        connection.execute(
            "insert into raw.tracks (id, user_id, received_at) values ('late', %s, timestamptz '2026-03-01 12:00+00')",
            [late],
        )
        connection.execute(
            "insert into raw.users (id, email, received_at) values (%s, 'back@example.com', '2026-03-01')", [late]
        )
    enforce(enforced.checkout, ON + timedelta(days=1))
    assert ask(enforced.checkout, "select count(*) from raw.tracks where user_id = %s", [late]) == [(0,)]
    assert ask(enforced.checkout, "select count(*) from raw.users where id = %s", [late]) == [(0,)]
