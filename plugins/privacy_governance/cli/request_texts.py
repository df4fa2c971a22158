"""How requests are printed: what became of a file, and one request's course."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.markup import escape

from privacy_governance.cli.terminal import out
from privacy_governance.errors import IntakeError

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    from privacy_governance.requests.ledger import Request
    from privacy_governance.requests.submitting import Submitted

REFUSALS_SHOWN = 50


def print_submitted(submitted: Submitted, file: Path, *, dry_run: bool) -> None:
    """Print what became of a file's rows, and raise when some were refused."""
    for row in submitted.refused[:REFUSALS_SHOWN]:
        place = f"{row.line}, subject {row.part}" if row.part else f"{row.line}"
        out.print(f"[red]refused[/] {escape(file.name)}:{place}: {escape(row.reason)}")
    if len(submitted.refused) > REFUSALS_SHOWN:
        out.print(f"… {len(submitted.refused) - REFUSALS_SHOWN:,} more: --refusals FILE writes all of them")
    completed = f" ({submitted.completed:,} of them confirmed or verified since)" if submitted.completed else ""
    out.print(
        f"{submitted.read:,} read = {submitted.kept:,} kept + {submitted.known:,} already known{completed} "
        f"+ {len(submitted.refused):,} refused{'; nothing was written' if dry_run else ''}"
    )
    if submitted.kept and not dry_run:
        out.print("The next night enters them in the ledger, with their due dates.")
    if submitted.refused:
        raise IntakeError(f"{len(submitted.refused):,} of {submitted.read:,} rows refused; the others are taken.")


def print_request(request: Request, on: date) -> None:
    """Print a request's clocks and decisions."""
    due = request.due(on)
    out.print(f"[bold]{escape(request.request_id)}[/] {request.regulation_type}: [bold]{request.state}[/]")
    told = {
        "received": f"{request.received_at:%Y-%m-%d %H:%M} UTC"
        + "".join(f", {part}" for part in (request.channel, request.residency) if part),
        "confirm by": f"{request.confirm_by}" + (f", confirmed {request.confirmed_on}" if request.confirmed_on else ""),
        "verified": _verification(request),
        "agent": request.agent_proof and f"authority: {request.agent_proof}",
        "due on": f"{request.due_on}" + (f", answered {request.answered_on}" if request.answered_on else ""),
        "extended": request.extended_on and f"{request.extended_on}: {request.extension_reason}",
        "refused": request.refusal,
        "carried out": request.carried_out_on and str(request.carried_out_on),
        "next": f"{due[0]} by {due[1]}, {days_left(due[2])}" if due else None,
    }
    for what, text in told.items():
        if text:
            out.print(f"  {what:<12} {escape(text) if what != 'next' else text}")
    if request.channel == "agent" and request.state == "received" and request.agent_proof is None:
        out.print("  waits for the agent's proof of authority: govern request verify --agent-proof")


def days_left(days: int) -> str:
    """Return a distance in days, as people say it."""
    if days < 0:
        return f"[bold red]{-days:,} days overdue[/]"
    return f"in {days:,} days" if days else "[red]today[/]"


def _verification(request: Request) -> str:
    if request.verified_at is None:
        return "not yet"
    return f"{request.verified_at:%Y-%m-%d} by {request.verified_by or '?'}, {request.verification_method or '?'}"
