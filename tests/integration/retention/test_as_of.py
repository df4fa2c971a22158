"""The schedule as of a past day: its rules, for the columns and uses of that day."""

from __future__ import annotations

from datetime import date

from lib.retained import ON
from privacy_governance import disclosures, retention
from privacy_governance.categories import load_taxonomy

LATER = date(2026, 3, 10)


def period(connection, night):
    connection.execute(f"set local governance.night = '{night}'")
    (column,) = retention.scheduled_columns(connection, "raw.pages", "context_ip")
    return column.period


def retag(retained, connection, keep, on):
    taxonomy = load_taxonomy(retained.checkout.settings.dbt_project, on=on)
    uses = [each for each in disclosures.read_uses(connection) if keep(each.declared)]
    disclosures.write(connection, taxonomy, uses, on=on)


def is_left(use):
    return (use.relation, use.column, use.purpose) != ("raw.pages", "context_ip", "compliance_and_protection")


def test_a_use_counts_until_the_day_before_it_was_given_up(retained):
    with retained.undone() as connection:
        retag(retained, connection, is_left, LATER)
        assert period(connection, "2026-03-09") == "90 days"
        assert period(connection, LATER) == "30 days"
        assert retention.uses_known_from(connection) == ON


def test_a_night_that_is_run_again_goes_by_what_it_declares_now(retained):
    with retained.undone() as connection:
        retag(retained, connection, is_left, LATER)
        connection.execute("drop table pg_temp.used_before")
        retag(retained, connection, lambda _: True, ON)
        assert period(connection, ON) == "30 days"
        assert period(connection, LATER) == "30 days"


def test_before_the_first_tags_the_first_known_uses_are_told(retained):
    with retained.undone() as connection:
        assert period(connection, "2020-01-01") == "90 days"
