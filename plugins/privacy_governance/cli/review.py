"""`govern review`: what a person has to decide before the job goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from privacy_governance.cli.terminal import out, print_table, table

if TYPE_CHECKING:
    from privacy_governance.reviews import Decision

ReviewId = Annotated[int, typer.Argument(help="Number of the review, as `govern review list` shows it.")]
By = Annotated[str, typer.Option(help="Who decides: a name or a role, for the auditor.")]
Reason = Annotated[str, typer.Option(help="Why; without naming the person it is about.")]


def add_to(app: typer.Typer) -> None:
    """Add this module's commands."""
    review = typer.Typer(
        no_args_is_help=True, help="What a person decides: whose data a request means, and plans over the limit."
    )
    review.command("list", epilog="Example: govern review list --all")(list_reviews)
    review.command(
        "approve", epilog="Example: govern review approve 7 --by 'A. Lee' --reason 'Both addresses confirmed'"
    )(approve)
    review.command(
        "reject", epilog="Example: govern review reject 7 --by 'A. Lee' --reason 'Two people of one household'"
    )(reject)
    app.add_typer(review, name="review", epilog="Example: govern review list")


def list_reviews(*, all_: Annotated[bool, typer.Option("--all", help="Show decided reviews too.")] = False) -> None:
    """List the reviews that wait for a person, oldest first. The due dates of their requests run on."""
    from privacy_governance import reviews
    from privacy_governance.settings import settings
    from privacy_governance.warehouse import open_warehouse

    with open_warehouse(settings()) as warehouse, warehouse.connect("list reviews") as connection:
        found = reviews.every(connection) if all_ else reviews.pending(connection)
    if not found:
        out.print("No review waits for a person.")
        return
    listing = table("", "review", "about", "since", "", "finding")
    for review in found:
        decided = f"{review.decision} by {review.decided_by}" if review.decision else "waits"
        listing.add_row(
            str(review.review_id), escape(f"{review.kind} {review.about}"), str(review.opened_on), escape(decided),
            escape(review.finding),
        )  # fmt: skip
    print_table(listing)


def approve(review_id: ReviewId, *, by: By, reason: Reason) -> None:
    """Approve: a request's identifiers are one person's and all go, or a plan is carried out, in the next night."""
    _decide(review_id, "approved", by, reason)


def reject(review_id: ReviewId, *, by: By, reason: Reason) -> None:
    """Reject: of a request goes only what nobody else shares, and a plan is not carried out."""
    _decide(review_id, "rejected", by, reason)


def _decide(review_id: int, made: Decision, by: str, reason: str) -> None:
    from privacy_governance import reviews

    decided = reviews.record(review_id, made, by=by, reason=reason)
    out.print(
        f"review {decided.review_id} ({decided.kind} {escape(decided.about)}) is {made}. The next night acts on it."
    )
