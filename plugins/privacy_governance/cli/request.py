"""`govern request`: what people ask of us about their data, from the file to the answer."""

from __future__ import annotations

import csv
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from privacy_governance.cli.request_texts import days_left, print_request, print_submitted
from privacy_governance.cli.terminal import out, print_table, table
from privacy_governance.errors import IntakeError
from privacy_governance.requests.vocabulary import EXCEPTIONS, STATES
from privacy_governance.settings import settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from privacy_governance.warehouse import Connection

State = StrEnum("State", {state.upper().replace(" ", "_"): state for state in STATES})  # type: ignore[misc]
Exception_ = StrEnum("Exception_", {kind.upper(): kind for kind in EXCEPTIONS})  # type: ignore[misc]
Id = Annotated[str, typer.Argument(metavar="ID", help="Id of the request.")]
Day = Annotated[
    datetime | None, typer.Option("--date", formats=["%Y-%m-%d"], help="The day it is; today (UTC) when left out.")
]


def add_to(app: typer.Typer) -> None:
    """Add this module's commands."""
    request = typer.Typer(
        no_args_is_help=True, help="Requests of people about their data, from the file to the answer."
    )
    request.command("submit", epilog="Example: govern request submit requests.csv --dry-run")(submit)
    request.command("list", epilog="Example: govern request list --due-within 7")(list_requests)
    request.command("show", epilog="Example: govern request show req-17")(show)
    request.command("verify", epilog="Example: govern request verify req-17 --by privacy_desk --method email_link")(
        verify
    )
    request.command("confirm", epilog="Example: govern request confirm req-17")(confirm)
    request.command("extend", epilog="Example: govern request extend req-17 --reason 'Records in cold storage'")(extend)
    request.command("refuse", epilog="Example: govern request refuse req-17 --reason 'Not verified in time'")(refuse)
    request.command(
        "except",
        epilog="Example: govern request except req-17 --relation raw.payments --column amount "
        "--exception legal_obligation --reason 'Tax records, 26 USC 6001' --by finance",
    )(except_columns)
    request.command("answer", epilog="Example: govern request answer req-17 --dry-run")(answer)
    app.add_typer(request, name="request", epilog="Example: govern request submit requests.csv")


def submit(
    file: Annotated[Path, typer.Argument(help="CSV with a header, or JSON Lines; may be gzip.")],
    *,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would become of each row; write nothing.")
    ] = False,
    refusals: Annotated[
        Path | None, typer.Option(help="Write all refusals into this CSV: line, subject of a payload, reason.")
    ] = None,
) -> None:
    """Take requests from a file. Good rows are kept, bad ones refused with line and reason; again changes nothing.

    Columns or keys: request_id (made when left out), received_at, regulation_type (SUPPRESS_ONLY, UNSUPPRESS,
    SUPPRESS_WITH_DELETE, DELETE_ONLY); one or more of user_id, anonymous_id, email, phone, device_id; and customer (the
    data is held for one: routed), residency, channel, confirmed_at, verified_at, verified_by, verification_method,
    agent_proof. Moments are ISO 8601, UTC where no zone is given. In JSON Lines also Segment's regulations:
    regulationType, subjectType, subjectIds.

    Exit codes: 0 all rows taken; 2 some refused (the others are taken), or cannot run.
    """
    from privacy_governance.keys import read_keys
    from privacy_governance.progress import say
    from privacy_governance.requests.submitting import submit as submit_file
    from privacy_governance.warehouse import open_warehouse
    from privacy_governance.warehouse.bootstrap import bootstrap

    if not file.is_file():
        raise IntakeError(f"there is no file {file}. Name a CSV or JSON Lines file of requests.")
    keys = read_keys(settings())
    with open_warehouse(settings()) as warehouse:
        bootstrap(warehouse, fingerprints=keys.fingerprints())
        with warehouse.connect("submit requests", session={"timezone": "UTC", **keys.session()}) as connection:
            submitted = submit_file(
                connection, file, tell=lambda rows: say("submit", f"{rows:,} rows"), dry_run=dry_run
            )
            if dry_run:
                connection.rollback()
    if refusals is not None:
        with refusals.open("w", newline="") as written:
            csv.writer(written).writerows(
                [("line", "subject", "reason"), *((row.line, row.part or "", row.reason) for row in submitted.refused)]
            )
    print_submitted(submitted, file, dry_run=dry_run)


def list_requests(
    *,
    due_within: Annotated[
        int | None, typer.Option(metavar="DAYS", help="Only those with something due in so many days, or overdue.")
    ] = None,
    state: Annotated[list[State] | None, typer.Option(help="Only these; may be given more than once.")] = None,
    most: Annotated[int, typer.Option(help="At most so many.")] = 100,
    day: Day = None,
) -> None:
    """List the ledger's requests, those due soonest first."""
    from privacy_governance.requests import ledger

    on = _day(day)
    until = None if due_within is None else on + timedelta(days=due_within)
    with _ledger("list requests") as connection:
        found = ledger.listed(connection, states=[str(each) for each in state or ()], until=until, most=most + 1)
        waiting = ledger.waiting(connection)
    listing = table("", "request", "asks", "state", "received", "due", "")
    for request in found[:most]:
        due = request.due(on)
        listing.add_row(
            escape(request.request_id), request.regulation_type, request.state, f"{request.received_at:%Y-%m-%d}",
            f"{due[0]} by {due[1]}" if due else f"answered {request.answered_on}", days_left(due[2]) if due else "",
        )  # fmt: skip
    print_table(listing)
    out.print(
        f"{min(len(found), most):,} requests" + (f"; there are more: --most {most * 10}" if len(found) > most else "")
    )
    if waiting:
        out.print(f"{waiting:,} submitted since the last night, or not usable (violation_unusable_request)")


def show(request_id: Id, *, day: Day = None) -> None:
    """Show a request's course: clocks, verification, decisions, what was found and deleted, in counts."""
    from privacy_governance.requests import ledger

    on = _day(day)
    with _ledger("show a request") as connection:
        request = ledger.find(connection, request_id)
        course = ledger.course(connection, request_id)
    print_request(request, on)
    for line in course:
        out.print(f"  {line[0]:<12} {escape(line[1])}")


def verify(
    request_id: Id,
    *,
    by: Annotated[str, typer.Option(help="Team that verified.")],
    method: Annotated[str, typer.Option(help="How: account_login, email_link, documents and the like.")],
    agent_proof: Annotated[
        str | None, typer.Option(help="Where an agent's proof of authority is filed; a reference.")
    ] = None,
    day: Day = None,
) -> None:
    """Record that the requester is who they say: the next night carries the request out."""
    from privacy_governance.requests import deciding

    at = day.replace(tzinfo=UTC) if day else datetime.now(UTC)
    with _ledger("verify a request") as connection:
        request = deciding.verify(connection, request_id, by=by, method=method, agent_proof=agent_proof, at=at)
    print_request(request, _day(day))


def confirm(request_id: Id, *, day: Day = None) -> None:
    """Record that the requester was told that the request arrived."""
    from privacy_governance.requests import deciding

    with _ledger("confirm a request") as connection:
        request = deciding.confirm(connection, request_id, on=_day(day))
    print_request(request, _day(day))


def extend(
    request_id: Id, *, reason: Annotated[str, typer.Option(help="Why; the requester reads it.")], day: Day = None
) -> None:
    """Give the answer 45 more days, once. You still have to tell the requester, within the first 45."""
    from privacy_governance.requests import deciding

    with _ledger("extend a request") as connection:
        request = deciding.extend(connection, request_id, reason=reason, on=_day(day))
    print_request(request, _day(day))


def refuse(
    request_id: Id, *, reason: Annotated[str, typer.Option(help="Why; the requester reads it.")], day: Day = None
) -> None:
    """Refuse a request that is not decided yet."""
    from privacy_governance.requests import deciding

    with _ledger("refuse a request") as connection:
        request = deciding.refuse(connection, request_id, reason=reason, on=_day(day))
    print_request(request, _day(day))


def except_columns(
    request_id: Id,
    *,
    relation: Annotated[str, typer.Option(help="Relation that keeps columns: raw.payments.")],
    column: Annotated[list[str], typer.Option(help="Column that is kept; may be given more than once.")],
    exception: Annotated[Exception_, typer.Option(help="Which exception of Civ. Code 1798.105(d).")],
    reason: Annotated[str, typer.Option(help="Why it applies; the law, contract or duty.")],
    by: Annotated[str, typer.Option(help="Team or role that decided.")],
    until: Annotated[
        datetime | None,
        typer.Option(
            formats=["%Y-%m-%d"],
            help="Last day on which it holds; the next night deletes. Left out: as long as the rows' retention period.",
        ),
    ] = None,
    day: Day = None,
) -> None:
    """Leave columns in place for one purpose: rows of the relation are then redacted, not deleted."""
    from privacy_governance.manifest import owner_columns
    from privacy_governance.requests import deciding

    last = until.date() if until else None
    owners = owner_columns(settings().dbt_project / "target", relation) if last else ()
    with _ledger("except columns") as connection:
        new = deciding.except_columns(
            connection, request_id, relation=relation, columns=column, exception=str(exception), reason=reason, by=by,
            on=_day(day), until=last, owners=owners,
        )  # fmt: skip
    end = f"until {last}" if last else "without an end: as long as the rows' retention period"
    out.print(f"{escape(request_id)}: {new:,} columns of {escape(relation)} newly excepted ({exception}), {end}")


def answer(
    request_id: Id,
    *,
    into: Annotated[Path | None, typer.Option(help="File to write; standard output when left out.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what it would say; record nothing.")] = False,
    day: Day = None,
) -> None:
    """Write the summary that goes to the requester, and record that the request is answered. Sending it is yours."""
    from privacy_governance.requests import answering, deciding

    with _ledger("answer a request") as connection:
        summary = answering.summarize(connection, request_id, on=_day(day))
        text = answering.render(summary)
        if into is not None:
            into.write_text(text)
        if not dry_run:
            deciding.record_answer(connection, summary.request, on=_day(day))
    if into is None:
        typer.echo(text, nl=False)
    elif dry_run:
        out.print(f"{into}: nothing recorded")
    else:
        out.print(f"{into}: recorded as answered on {summary.answered_on}")


@contextmanager
def _ledger(doing: str) -> Iterator[Connection]:
    from privacy_governance.warehouse import open_warehouse

    with open_warehouse(settings()) as warehouse, warehouse.connect(doing, session={"timezone": "UTC"}) as connection:
        yield connection


def _day(day: datetime | None) -> date:
    return day.date() if day else datetime.now(UTC).date()
