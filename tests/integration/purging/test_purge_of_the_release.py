"""A refused night leaves the release of the night before, but not the subjects who were deleted since."""

from __future__ import annotations

from datetime import timedelta

from lib.checkouts import KEY, SALT
from lib.nights import ON, govern_night
from privacy_governance.errors import PublishingBlockedError
from privacy_governance.keys import Keys

TOMORROW = ON + timedelta(days=1)


def ask(checkout, query, parameters=None):
    with checkout.warehouse.connect("look") as connection:
        return connection.execute(query, parameters).fetchall()


def test_a_deleted_subject_leaves_the_release_although_tonight_s_is_refused(governed):
    assert govern_night(governed) is None
    released = {token for (token,) in ask(governed, "select subject_token from research.research_users")}
    keys = Keys.derive(KEY, salt=SALT)
    subjects = {
        keys.token("research", user): user for (user,) in ask(governed, "select id from raw.users where id <> ''")
    }
    token = min(released & subjects.keys())
    with governed.warehouse.connect("ask to be deleted, and break something else") as connection:
        connection.execute(
            "insert into raw.privacy_requests (request_id, regulation_type, user_id, received_at, verified_at,"
            " verified_by)"
            " values ('late', 'DELETE_ONLY', %s, %s, %s, 'privacy_desk')",
            [subjects[token], ON, ON],
        )
        connection.execute("alter table raw.users add column undeclared text")

    refusal = govern_night(governed, TOMORROW)

    assert isinstance(refusal, PublishingBlockedError)
    for table in ("research_users", "research_events", "research_survey_responses"):
        assert ask(governed, f"select count(*) from research.{table} where subject_token = %s", [token]) == [(0,)]
    left = released - {token for (token,) in ask(governed, "select subject_token from research.research_users")}
    assert len(left) >= 5, "who compares the release before and after must not see who asked"
    receipts = ask(
        governed,
        "select reason, purged_rows, request_id from governance.purge_receipts"
        " where relation = 'research.research_users' order by reason",
    )
    assert receipts == [("tombstone", 1, "late"), ("withdrawal", len(left) - 1, None)]
