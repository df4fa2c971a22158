"""`govern prove` and `govern rewrite`: that a deletion leaves nothing behind, and the command that makes it so."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from privacy_governance.cli.terminal import out, print_table, table
from privacy_governance.errors import PublishingBlockedError, WarehouseError
from privacy_governance.settings import settings

if TYPE_CHECKING:
    from privacy_governance.proving import Proof

PLACES = ("heap", "index", "TOAST", "statistics", "catalog", "WAL")


def add_to(app: typer.Typer) -> None:
    """Add this module's commands."""
    app.command(epilog="Example: govern prove --canaries 3 --rewrite")(prove)
    app.command("rewrite", epilog="Example: govern rewrite --dry-run")(rewrite_relations)


def prove(
    *,
    canaries: Annotated[int, typer.Option(min=1, max=1000, help="How many made-up people to plant.")] = 3,
    rewrite: Annotated[
        bool,
        typer.Option("--rewrite", help="Then write the purged tables anew, as govern rewrite does."),
    ] = False,
) -> None:
    """Plant made-up people, delete them the normal way, and search every file of the warehouse for their bytes.

    Runs tonight's tombstone and purge, for everybody. Needs a role that may have the server read its own files.
    Exits with 1 when a canary is still there, or when the search could not find it before.
    """
    from privacy_governance import proving
    from privacy_governance.cli.nightly import only_night
    from privacy_governance.night import open_night

    now = datetime.now(UTC)
    with open_night(now.date()) as night, only_night(night.warehouse):
        proof = proving.prove(night, people=canaries, began_at=now, is_rewritten=rewrite)
    print_proof(proof)
    if proof.failures:
        raise PublishingBlockedError(f"the deletion is not proven: {'; '.join(proof.failures)}")


def print_proof(proof: Proof) -> None:
    """Print what was found where and when, and what stays recoverable until when."""
    from privacy_governance.proving import pages

    counts = table(
        f"Pages that hold a canary's bytes, {proof.run}", "place", "before", "after the purge", "after the rewrite"
    )
    for place in PLACES:
        rewritten = "not asked for" if proof.rewritten is None else f"{pages(proof.rewritten, place):,}"
        counts.add_row(place, f"{pages(proof.before, place):,}", f"{pages(proof.purged, place):,}", rewritten)
    print_table(counts)
    planted = proof.planted
    out.print(f"planted in {planted.columns} columns of {len(planted.relations)} tables")
    out.print(f"{len(proof.files)} files outside the warehouse hold a canary's value")
    out.print(f"{len(planted.unsearchable)} personal columns can't be searched for: too few bytes of their own")
    for each in planted.unsearchable:
        out.print(f"  [dim]{escape(f'{each.relation}.{each.column} ({each.data_type})')}[/]")
    if planted.of_nobody:
        out.print(f"not planted in, because no column says whose a row is: {escape(', '.join(planted.of_nobody))}")
    out.print("[bold]Still recoverable[/], by whoever reads the server's disk:")
    if proof.rewritten is None:
        out.print("  free space of tables and indexes: until overwritten, or govern rewrite")
    out.print(f"  WAL: until its segments are written over ({proof.keeps_wal})")
    for keeper in proof.keepers:
        out.print(f"  {keeper}: until it has caught up or is dropped, by its own rules")
    out.print("  backups and replicas' own backups: until they expire; after a restore, govern restore-check")
    out.print("  the disk below (snapshots, SSD spare cells): encrypt it, this can't see it")


def rewrite_relations(
    *,
    relations: Annotated[
        list[str] | None,
        typer.Argument(help="schema.table; every table that lost rows since its last rewrite when left out."),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Print what would be written anew; change nothing.")
    ] = False,
) -> None:
    """Write tables anew, so that no file holds bytes of purged rows. For a maintenance window: readers are locked out.

    A table at a time, by VACUUM FULL; gives up when a table can't be locked within five seconds.
    """
    from privacy_governance import proving
    from privacy_governance.cli.nightly import only_night
    from privacy_governance.warehouse import open_warehouse

    with open_warehouse(settings()) as warehouse:
        with warehouse.connect("look for what to write anew") as connection:
            due = proving.due(connection)
        known = {each.relation for each in due}
        if unknown := [each for each in relations or () if each not in known]:
            raise WarehouseError(
                f"{', '.join(unknown)} lost no rows since the last rewrite. Due: {', '.join(sorted(known)) or 'none'}."
            )
        chosen = [each for each in due if not relations or each.relation in relations]
        if not dry_run and chosen:
            with only_night(warehouse):
                chosen = list(proving.rewrite(warehouse, [each.relation for each in chosen]))
    listed = table("Would be written anew" if dry_run else "Written anew", "relation", "bytes before", "bytes after")
    for each in chosen:
        listed.add_row(
            escape(each.relation),
            f"{each.bytes_before:,}",
            "" if each.bytes_after is None else f"{each.bytes_after:,}",
        )
    if chosen:
        print_table(listed)
    else:
        out.print("nothing was purged since the last rewrite")
