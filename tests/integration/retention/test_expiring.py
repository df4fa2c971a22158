"""What is past its period goes, and nothing younger by a second: rows, columns, holds, exceptions, bounds."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

import pytest
from dateutil.relativedelta import relativedelta
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from psycopg import sql

from privacy_governance import retention

ON = date(2026, 3, 1)
MIDNIGHT = datetime(2026, 3, 1, tzinfo=UTC)
PAGE = """
insert into raw.pages (id, user_id, received_at, uuid_ts, context_ip) values (%s, %s, %s, %s, %s)
"""
CALL = """
insert into raw.identifies (id, user_id, received_at, uuid_ts, address_postal_code) values (%s, %s, %s, %s, %s)
"""
HOLD = "insert into raw.legal_holds (hold_id, user_id, starts_on, ends_on) values ('h', %s, %s, %s)"
KNOWN = """
insert into intermediate.int_identifiers__tokenized (identifier_kind, identifier, ledger_token, identifier_id)
values ('user_id', %s, encode(sha256(convert_to(%s, 'UTF8')), 'hex'), gen_random_uuid())
"""
ONE_RULE = """
insert into governance.retention_rules (purpose, relation, period, event, action, ground)
select purpose, 'raw.pages', %s::interval, 'collected', 'delete_row', 'a test'
from governance.purposes
"""
# leap days, and days on which a clock somewhere is set
ODD_DAYS = [date(2024, 2, 29), date(2025, 2, 28), date(2028, 3, 31), date(2025, 3, 30), date(2025, 11, 2)]
NOON = partial(datetime, hour=12, tzinfo=UTC)
ZONES = ["UTC", "America/New_York", "Europe/Lisbon", "Asia/Kathmandu", "Pacific/Apia", "Australia/Lord_Howe"]


def page(connection, name, received_at, *, user="u", loaded_at=None, ip="198.18.0.1"):
    connection.execute(PAGE, [name, user, received_at, loaded_at or received_at, ip])


def test_a_row_loses_columns_first_and_goes_itself_last(retained):
    with retained.undone() as connection:
        page(connection, "young", MIDNIGHT - timedelta(days=90))
        page(connection, "address past", MIDNIGHT - timedelta(days=90, seconds=1))
        page(connection, "done", MIDNIGHT - timedelta(days=91), ip=None)
        page(connection, "last second", MIDNIGHT - relativedelta(months=24))
        page(connection, "row past", MIDNIGHT - relativedelta(months=24) - timedelta(seconds=1))
        assert retained.doomed(connection, "pages") == {
            "address past": ["context_ip"],
            "last second": ["context_ip"],
            "row past": None,
        }
        assert retained.violations(connection, "row_past_retention") == {
            ("raw.pages", "context_ip"): 2,
            ("raw.pages", "received_at"): 1,
        }


def test_a_value_that_is_generalized_already_is_left_alone(retained):
    old = MIDNIGHT - relativedelta(months=12) - timedelta(seconds=1)
    with retained.undone() as connection:
        for name, code, at in [
            ("whole", "90210", old),
            ("short", "902", old),
            ("none", None, old),
            ("new", "90210", MIDNIGHT),
        ]:
            connection.execute(CALL, [name, "u", at, at, code])
        assert retained.doomed(connection, "identifies") == {"whole": ["address_postal_code (generalized)"]}
        assert retained.violations(connection, "row_past_retention") == {("raw.identifies", "address_postal_code"): 1}


def test_a_hold_wins_over_expiry_and_ends_by_itself_on_its_date(retained):
    with retained.undone() as connection:
        page(connection, "address", MIDNIGHT - timedelta(days=200), user="held")
        page(connection, "row", MIDNIGHT - timedelta(days=2000), user="held")
        connection.execute(HOLD, ["held", ON - timedelta(days=300), ON])
        assert retained.doomed(connection, "pages") == {}
        assert retained.violations(connection, "row_past_retention") == {}
        connection.execute("set local governance.night = '2026-03-02'")
        assert retained.doomed(connection, "pages") == {"address": ["context_ip"], "row": None}


def test_an_exception_suspends_a_column_and_with_it_the_row_until_its_date(retained):
    with retained.undone() as connection:
        page(connection, "address", MIDNIGHT - timedelta(days=200))
        page(connection, "row", MIDNIGHT - timedelta(days=2000))
        connection.execute(
            "insert into governance.governance_exceptions (rule, relation, column_name, reason, approver, approved_on,"
            " expires_on) values ('violation_row_past_retention', 'raw.pages', 'context_ip', 'a', 'b', '2026-01-01',"
            " '2026-03-01')"
        )
        assert retained.doomed(connection, "pages") == {}
        connection.execute("set local governance.night = '2026-03-02'")
        assert retained.doomed(connection, "pages") == {"address": ["context_ip"], "row": None}


def test_a_rule_counts_from_its_date_and_until_it(retained):
    with retained.undone() as connection:
        page(connection, "row", MIDNIGHT - timedelta(days=400))
        connection.execute("update governance.retention_rules set effective_until = '2026-02-28'")
        connection.execute(ONE_RULE, ["1 year"])
        connection.execute(
            "update governance.retention_rules set effective_from = '2026-03-01' where ground = 'a test'"
        )
        assert retained.doomed(connection, "pages") == {"row": None}
        connection.execute("set local governance.night = '2026-02-28'")
        assert retained.doomed(connection, "pages") == {"row": ["context_ip"]}


def test_a_use_without_a_rule_keeps_the_rows_and_blocks_publishing(retained):
    with retained.undone() as connection:
        page(connection, "row", MIDNIGHT - timedelta(days=2000))
        connection.execute(
            "delete from governance.retention_rules where pi_kind = 'usage_data' and purpose = 'marketing'"
        )
        assert None not in retained.doomed(connection, "pages").values()
        missing = retained.violations(connection, "missing_retention_rule")
        assert ("raw.pages", "url") in missing
        assert ("raw.pages", "context_ip") not in missing


def test_a_schedule_of_another_night_blocks_publishing_and_one_of_nothing_does_not(retained):
    stale = ("intermediate.int_rows__scheduled", None)
    with retained.undone() as connection:
        assert stale not in retained.violations(connection, "missing_retention_rule")
        connection.execute("update intermediate.int_rows__scheduled set night = night - 1")
        rule = retained.sql_of("violation_missing_retention_rule")
        assert stale in {row[:2] for row in connection.execute(rule)}
        connection.execute("delete from governance.column_uses")
        assert stale not in retained.violations(connection, "missing_retention_rule")


def test_an_event_without_a_clock_blocks_publishing(retained):
    with retained.undone() as connection:
        page(connection, "row", MIDNIGHT - timedelta(days=2000))
        connection.execute(ONE_RULE, ["1 year"])
        connection.execute("update governance.retention_rules set event = 'contract_ended' where ground = 'a test'")
        assert retained.doomed(connection, "pages") == {}
        assert ("raw.pages", "url") in retained.violations(connection, "missing_retention_rule")


def test_the_longest_purpose_wins_unless_a_sensitive_kind_caps_it(retained):
    with retained.undone() as connection:
        page(connection, "cookie", MIDNIGHT - timedelta(days=10))
        connection.execute(
            "update governance.column_uses set sensitive_kind = 'precise_geolocation'"
            " where relation = 'raw.pages' and column_name = 'context_ip'"
        )
        assert retained.doomed(connection, "pages") == {}
        connection.execute(
            "insert into governance.retention_rules (sensitive_kind, period, event, action, ground)"
            " values ('precise_geolocation', '7 days', 'collected', 'redact_column', 'a cap')"
        )
        assert retained.doomed(connection, "pages") == {"cookie": ["context_ip"]}


CAP = """
insert into governance.retention_rules (sensitive_kind, period, event, action, ground)
values ('precise_geolocation', '7 days', %s, 'redact_column', 'a cap')
"""
SENSITIVE = """
update governance.column_uses set sensitive_kind = 'precise_geolocation' where relation = %s and column_name = %s
"""
RECORDING = """
insert into raw.call_recordings (id, user_id, started_at, consented_at, transcript) values (%s, 'u', %s, %s, 'Hello')
"""


def test_a_cap_counts_from_its_own_event_whatever_the_uses_count_from(retained):
    with retained.undone() as connection:
        for name, started, active in [
            ("capped", 6, 8),
            ("active since", 8, 6),
            ("active lately", 2000, 6),
            ("row past", 2000, 2000),
        ]:
            at = [MIDNIGHT - timedelta(days=days) for days in (started, active)]
            connection.execute(RECORDING, [name, *at])
        uncapped = {"active lately": None, "row past": None}
        assert retained.doomed(connection, "call_recordings") == uncapped
        connection.execute(SENSITIVE, ["raw.call_recordings", "transcript"])
        connection.execute(CAP, ["last_active"])
        assert retained.doomed(connection, "call_recordings") == {"capped": ["transcript"], **uncapped}
        assert retained.violations(connection, "missing_retention_rule") == {}
        assert retained.violations(connection, "row_past_retention") == {
            ("raw.call_recordings", "started_at"): 2,
            ("raw.call_recordings", "transcript"): 1,
        }
        text = retention.notice_text(retention.scheduled_categories(connection))
        assert "7 days after the person was last active. a cap." in text, text


def test_a_cap_that_a_table_has_no_clock_for_blocks_publishing(retained):
    with retained.undone() as connection:
        connection.execute(SENSITIVE, ["raw.pages", "context_ip"])
        connection.execute(CAP, ["contract_ended"])
        page(connection, "cookie", MIDNIGHT - timedelta(days=10))
        assert retained.doomed(connection, "pages") == {}
        assert retained.violations(connection, "missing_retention_rule") == {("raw.pages", "context_ip"): 1}


def test_a_clock_that_is_empty_or_in_the_future_is_a_violation(retained):
    with retained.undone() as connection:
        page(connection, "never", None)
        page(connection, "tomorrow", MIDNIGHT + timedelta(days=1))
        connection.execute("delete from governance.governance_exceptions")
        assert retained.violations(connection, "unusable_clock") == {("raw.pages", "received_at"): 1}
        page(connection, "next month", MIDNIGHT + timedelta(days=30))
        assert retained.violations(connection, "unusable_clock") == {("raw.pages", "received_at"): 2}


def test_a_hold_that_nobody_looks_at_is_a_violation(retained):
    with retained.undone() as connection:
        connection.execute(HOLD, ["u", date(2025, 1, 1), None])
        assert retained.violations(connection, "hold_past_its_date") == {}
        connection.execute("update raw.legal_holds set starts_on = '2024-02-01'")
        connection.execute("insert into governance.held_identifiers values ('gone', repeat('0', 64))")
        assert retained.violations(connection, "hold_past_its_date") == {
            ("raw.legal_holds", "ends_on"): 1,
            ("raw.legal_holds", "hold_id"): 1,
        }


def test_a_night_looks_only_at_what_newly_expired_or_was_loaded_since(retained):
    with retained.undone() as connection:
        page(connection, "seen", MIDNIGHT - timedelta(days=200))
        retained.schedule(connection)
        retention.remember(connection)
        page(connection, "late", MIDNIGHT - timedelta(days=201), loaded_at=MIDNIGHT)
        page(connection, "newly", MIDNIGHT - timedelta(days=90))
        connection.execute("set local governance.night = '2026-03-02'")
        assert retained.doomed(connection, "pages") == {"late": ["context_ip"], "newly": ["context_ip"]}
        # the audit trusts no watermark
        assert retained.violations(connection, "row_past_retention") == {("raw.pages", "context_ip"): 3}
        retention.sweep(connection, "raw.pages")
        assert retained.doomed(connection, "pages").keys() == {"seen", "late", "newly"}


@pytest.mark.parametrize(
    "change",
    [
        "update raw.legal_holds set ends_on = '2026-03-01'",
        "update governance.retention_rules set action = 'generalize_column' where action = 'redact_column'",
        "update governance.column_expiries set file_node = 1",
    ],
    ids=["a hold ended", "the rule does something else", "the table was loaded anew"],
)
def test_all_rows_are_looked_at_again_once(retained, change):
    with retained.undone() as connection:
        page(connection, "seen", MIDNIGHT - timedelta(days=200), user="held")
        connection.execute(KNOWN, ["held", "held"])
        connection.execute(HOLD, ["held", ON - timedelta(days=300), None])
        retained.schedule(connection)
        retention.remember(connection)
        connection.execute("set local governance.night = '2026-03-02'")
        connection.execute(
            "update raw.pages set user_id = 'somebody else' where id = 'seen' and %s", [" hold" not in change]
        )
        assert retained.doomed(connection, "pages") == {}
        connection.execute(change)
        assert retained.doomed(connection, "pages") == {"seen": ["context_ip"]}


def test_a_shorter_rule_widens_what_is_looked_at(retained):
    with retained.undone() as connection:
        page(connection, "two months", MIDNIGHT - timedelta(days=60))
        retained.schedule(connection)
        retention.remember(connection)
        assert retained.doomed(connection, "pages") == {}
        connection.execute("update governance.retention_rules set period = '30 days' where column_name = 'context_ip'")
        assert retained.doomed(connection, "pages") == {"two months": ["context_ip"]}


@st.composite
def aged(draw):
    """A night, a rule's months and days, and events about as old as the rule, by the wall clocks of a zone."""
    night = draw(st.dates(date(2016, 1, 1), date(2032, 12, 31)) | st.sampled_from(ODD_DAYS))
    months, days = draw(st.sampled_from([0, 1, 12, 13, 24]) | st.integers(0, 120)), draw(st.integers(0, 95))
    about = datetime(night.year, night.month, night.day, tzinfo=UTC) - relativedelta(months=months, days=days)
    zone = ZoneInfo(draw(st.sampled_from(ZONES)))
    second = draw(st.integers(0, 24 * 60 * 60 - 1))
    events = {
        (about + timedelta(days=distance, seconds=seconds)).replace(tzinfo=at).astimezone(UTC)
        for distance in range(-5, 6)
        for seconds, at in [(0, UTC), (-1, UTC), (1, UTC), (second, zone)]
    }
    return night, relativedelta(months=months), relativedelta(days=days), str(zone), sorted(events)


@settings(max_examples=30, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(aged())
@example((date(2025, 3, 1), relativedelta(months=1), relativedelta(days=1), "UTC", [NOON(2025, 1, 30)]))
@example((date(2025, 3, 30), relativedelta(months=1), relativedelta(), "UTC", [NOON(2025, 2, 28)]))
def test_never_what_is_younger_than_the_rule_by_a_second_and_always_what_is_older(retained, drawn):
    night, months, days, zone, events = drawn
    with retained.undone() as connection:
        connection.execute("delete from governance.retention_rules")
        connection.execute("truncate raw.pages")
        connection.execute(ONE_RULE, [f"{months.years * 12 + months.months} months {days.days} days"])
        connection.execute(sql.SQL("set local governance.night = {}").format(night.isoformat()))
        connection.execute(sql.SQL("set local timezone = {}").format(zone))
        connection.execute(
            "insert into raw.pages (id, user_id, received_at)"
            " select at::text, 'u', at from unnest(%s::timestamptz[]) as at",
            [events],
        )
        # forwards from the event, as the rule says it, in UTC; the purge counts backwards from the night
        past = {each for each in events if (each.replace(tzinfo=None) + months + days).date() < night}
        kept = {each for each in events if each not in past}
        doomed = retained.doomed(connection, "pages")
        left = connection.execute("select received_at from raw.pages where id <> all(%s)", [list(doomed)]).fetchall()
        assert {at for (at,) in left} == kept, (night, months, days, zone)
