"""`govern release`: what went out, back to what stood before, and new tokens."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from privacy_governance.cli.nightly import only_night
from privacy_governance.cli.terminal import out, print_table, table
from privacy_governance.settings import settings

if TYPE_CHECKING:
    from privacy_governance.publishing import Published

release = typer.Typer(
    name="release", no_args_is_help=True, help="Releases: list them, return to the previous one, rotate."
)


def add_to(app: typer.Typer) -> None:
    """Add this module's commands."""
    app.add_typer(release)


@release.command("list", epilog="Example: govern release list --json")
def list_(*, as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False) -> None:
    """List what readers saw, the standing release first: its night, rows, policy and content."""
    from privacy_governance.publishing import history
    from privacy_governance.warehouse import open_warehouse

    with open_warehouse(settings()) as warehouse, warehouse.connect("list releases") as connection:
        published = history(connection)
    if as_json:
        out.print_json(data=[_as_data(each) for each in published])
        return
    listed = table("Releases", "release", "night", "rows", "period", "policy", "content", "why")
    for each in published:
        name = str(each.release_id) if each.kind == "publish" else f"{each.release_id} = {each.content}"
        listed.add_row(
            f"{name} (stands)" if each is published[0] else name,
            str(each.night),
            f"{each.rows:,}",
            str(each.period or ""),
            (each.policy_digest or "")[:8],
            each.content_digest[:8],
            escape(each.reason or ("" if each.kind == "publish" else "rollback")),
        )
    print_table(listed)


@release.command(epilog='Example: govern release rollback --reason "plans were mapped wrongly on 2026-11-22"')
def rollback(
    *, reason: Annotated[str | None, typer.Option("--reason", help="Why; kept with the release.")] = None
) -> None:
    """Let readers see the previous release again; once more, and they see the one they saw.

    Refused where it would bring back somebody who left since, or the tokens of a former period. Nights go on from what
    was published last: what a token period has released can't be unsaid, only `govern release rotate` starts over.
    """
    from privacy_governance import publishing
    from privacy_governance.warehouse import open_warehouse

    with open_warehouse(settings()) as warehouse:
        returned = publishing.rollback(warehouse, reason=reason)
    out.print(f"readers see release {returned.content} of night {returned.night} again: {returned.rows:,} rows")


@release.command(epilog="Example: govern release rotate")
def rotate() -> None:
    """Begin a token period now: every subject gets another token, and nothing joins with the releases before.

    The salt of the period before is destroyed when the next night publishes; until then a deletion still finds its rows
    in the release that stands. A period otherwise ends by itself: GOVERN_TOKEN_PERIOD_MONTHS, 3 unless set.
    """
    from privacy_governance import rotating, salts
    from privacy_governance.keys import read_keys
    from privacy_governance.locks import Lock
    from privacy_governance.warehouse import open_warehouse

    today = datetime.now(UTC).date()
    with (
        open_warehouse(settings()) as warehouse,
        only_night(warehouse),
        warehouse.connect("wait for other steps", autocommit=True) as steps,
    ):
        steps.execute("select pg_advisory_lock(%s)", [Lock.STEP])
        read_keys(settings())
        salts.make(settings(), today)
        rotating.follow(warehouse, settings(), read_keys(settings()), night=today)
    out.print(
        f"a token period began on {today}. The next night publishes its first release, and destroys the former salt "
        "with everything that was made with it."
    )


def _as_data(published: Published) -> dict[str, object]:
    return {
        "release": published.release_id,
        "kind": published.kind,
        "night": published.night.isoformat(),
        "content_of": published.content,
        "reason": published.reason,
        "period": published.period,
        "policy_digest": published.policy_digest,
        "content_digest": published.content_digest,
        "relations": list(published.relations),
        "rows": published.rows,
        "published_at": published.published_at.isoformat(),
    }
