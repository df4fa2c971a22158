"""`govern request` and `govern hold`, from the file to the answer, on the command line."""

from __future__ import annotations

import secrets

import pytest
import typer
from typer.testing import CliRunner

from lib.checkouts import KEY
from privacy_governance.cli import hold, request
from privacy_governance.errors import IntakeError, RequestError
from privacy_governance.requests import take_in
from privacy_governance.settings import settings

FILE = """request_id,received_at,regulation_type,user_id,channel
req-1,2026-02-02T12:00:00Z,DELETE_ONLY,sesame-1,web_form
req-2,2026-02-02T12:00:00Z,DELETE_ONLY,,web_form
req-3,soon,DELETE_ONLY,sesame-3,web_form
"""


@pytest.fixture
def govern(desk, monkeypatch):
    """Run a command on the desk's warehouse, or raise its error; `printed` is what all of them printed."""
    app = typer.Typer()
    request.add_to(app)
    hold.add_to(app)
    monkeypatch.setenv("WAREHOUSE_URL", desk.warehouse.url)
    monkeypatch.setenv("GOVERN_KEY", KEY)
    monkeypatch.setenv("COLUMNS", "200")
    settings.cache_clear()

    def run(*arguments):
        ran = CliRunner().invoke(app, [*map(str, arguments)])
        run.printed += ran.output
        if ran.exception is not None and not isinstance(ran.exception, SystemExit):
            raise ran.exception
        assert ran.exit_code == 0, ran.output

    run.printed = ""
    yield run
    settings.cache_clear()


def test_a_request_s_course_on_the_command_line(desk, policy, govern, tmp_path):
    file = desk.file(FILE)
    with pytest.raises(IntakeError, match=r"2 of 3 rows refused; the others are taken"):
        govern("request", "submit", file, "--refusals", tmp_path / "refusals.csv")
    assert (tmp_path / "refusals.csv").read_text().splitlines() == [
        "line,subject,reason",
        '3,,"no identifier: give one of user_id, anonymous_id, email, phone, device_id."',
        "4,,received_at is no moment of ISO 8601.",
    ]
    with desk.connect() as connection:
        take_in(connection)
    govern("request", "list", "--due-within", "7", "--date", "2026-02-10")
    govern("request", "confirm", "req-1", "--date", "2026-02-10")
    govern("request", "verify", "req-1", "--by", "privacy_desk", "--method", "email_link", "--date", "2026-02-11")
    govern("request", "extend", "req-1", "--reason", "Records in cold storage", "--date", "2026-02-12")
    govern("request", "show", "req-1", "--date", "2026-02-12")
    with pytest.raises(RequestError, match="nothing to answer yet"):
        govern("request", "answer", "req-1")
    govern("request", "refuse", "req-1", "--reason", "You asked us to stop", "--date", "2026-02-12")
    govern("request", "answer", "req-1", "--dry-run")
    assert "- You asked us to stop" in govern.printed
    assert desk.ask("select answered_on from governance.deletion_requests") == [(None,)]
    answer = tmp_path / "answer.txt"
    govern("request", "answer", "req-1", "--into", answer, "--date", "2026-02-13")
    assert "- You asked us to stop" in answer.read_text()
    govern("hold", "add", "--user-id", "sesame-1", "--reason", "Preservation notice", "--by", "legal")
    govern("hold", "list")
    printed = govern.printed + answer.read_text()
    assert "3 read = 1 kept + 0 already known + 2 refused" in printed
    assert "confirm by 2026-02-16" in printed
    assert "answer by 2026-05-03, in 80 days" in printed
    assert "sesame" not in printed
    assert desk.ask("select state, answered_on::text from governance.deletion_requests") == [("refused", "2026-02-13")]


@pytest.mark.parametrize(
    ("option", "given", "seen"),
    [("user-id", "sesame-1", "sesame-1"), ("email", " Sesame@Example.com", "sesame@example.com"),
     ("phone", "+1 415 555 0100", "4155550100")],
)  # fmt: skip
def test_a_hold_of_somebody_whom_no_row_names_says_so(desk, govern, option, given, seen):
    kind = option.replace("-", "_")
    held = "hold", "add", "--reason", "Preservation notice", "--by", "legal", f"--{option}", given
    govern(*held)
    assert f"no row that a night has read is of this {kind}" in govern.printed
    desk.run(
        "insert into intermediate.int_identifiers__tokenized values (%s, %s, %s, %s)",
        [kind, seen, token := secrets.token_hex(32), token[:32]],
    )
    govern.printed = ""
    govern(*held)
    assert "no row" not in govern.printed
    govern("hold", "list")
    assert kind in govern.printed
    assert given.strip() not in govern.printed


def test_a_hold_names_its_person_in_one_way(govern):
    for named in ((), ("--user-id", "sesame-1", "--email", "sesame@example.com")):
        with pytest.raises(AssertionError, match="by one of --user-id, --anonymous-id, --email, --phone, --device-id"):
            govern("hold", "add", "--reason", "Preservation notice", "--by", "legal", *named)


def test_a_file_that_is_not_there_is_said_to_be_missing(govern, tmp_path):
    with pytest.raises(IntakeError, match="there is no file"):
        govern("request", "submit", tmp_path / "nothing.csv")
