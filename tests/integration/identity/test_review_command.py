"""`govern review` on the command line."""

from __future__ import annotations

import pytest
import typer
from typer.testing import CliRunner

from lib.checkouts import KEY
from privacy_governance import reviews
from privacy_governance.cli import review
from privacy_governance.settings import settings


@pytest.fixture
def govern(identity_warehouse, monkeypatch):
    """Run a command on the warehouse; return (exit code, what it printed)."""
    app = typer.Typer()
    review.add_to(app)
    monkeypatch.setenv("WAREHOUSE_URL", identity_warehouse.url)
    monkeypatch.setenv("GOVERN_KEY", KEY)
    monkeypatch.setenv("COLUMNS", "200")
    settings.cache_clear()

    def run(*arguments):
        ran = CliRunner().invoke(app, [*map(str, arguments)])
        return ran.exit_code, " ".join(ran.output.split())

    yield run
    settings.cache_clear()
    with identity_warehouse.connect("tidy up") as connection:
        connection.execute("delete from governance.reviews")


def test_a_review_is_listed_decided_and_no_longer_listed(identity_warehouse, govern):
    with identity_warehouse.connect("ask") as connection:
        reviews.open_review(connection, "identity", "req-1", "The request leads to 2 user ids.", "2026-03-01")
        (waiting,) = reviews.pending(connection)

    code, listed = govern("review", "list")
    assert code == 0
    assert "identity req-1" in listed
    assert "2 user ids" in listed
    assert govern("review", "approve", waiting.review_id, "--by", "A. Lee", "--reason", "Both confirmed")[0] == 0
    assert govern("review", "list") == (0, "No review waits for a person.")
    with identity_warehouse.connect("look") as connection:
        (decided,) = reviews.every(connection)
    assert (decided.decision, decided.decided_by, decided.reason) == ("approved", "A. Lee", "Both confirmed")


@pytest.mark.parametrize("left_out", ["--by", "--reason"])
def test_a_decision_names_its_person_and_its_reason(govern, left_out):
    given = {"--by": "A. Lee", "--reason": "Both confirmed"}
    del given[left_out]
    assert govern("review", "approve", 1, *(word for pair in given.items() for word in pair))[0] == 2
