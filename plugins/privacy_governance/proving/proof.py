"""One proof from planting to the last search, and what stays recoverable afterwards."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from privacy_governance import night as nights
from privacy_governance.manifest import read_manifest
from privacy_governance.progress import say
from privacy_governance.proving.canaries import Run
from privacy_governance.proving.files import search_files
from privacy_governance.proving.planting import plant
from privacy_governance.proving.rewriting import due, rewrite
from privacy_governance.proving.searching import MUST_BE_EMPTY, WAL, alive, require_rights, search

if TYPE_CHECKING:
    from datetime import datetime

    from privacy_governance.proving.files import Holding
    from privacy_governance.proving.planting import Planted
    from privacy_governance.proving.searching import Found

STEP = "prove"
# a value of a canary must be found in each of these before the purge, or "not found" afterwards says nothing
CONTROLLED = ("heap", "index", "TOAST", "statistics", WAL)

KEEPERS = """
select 'replication slot ' || quote_ident(slot_name::text)
    || case when active then '' else ' (inactive: it keeps WAL for ever)' end
from pg_replication_slots
union all
select 'standby ' || coalesce(client_addr::text, 'on this machine') from pg_stat_replication
union all
select 'WAL archive (archive_mode = ' || setting || ')'
from pg_settings
where name = 'archive_mode' and setting <> 'off'
union all
select count(*) || ' prepared transaction(s)' from pg_prepared_xacts having count(*) > 0
order by 1
"""


@dataclass(frozen=True)
class Proof:
    """What was found before the purge, after it, and after the rewrite (None: none was asked for)."""

    run: str
    planted: Planted
    before: tuple[Found, ...]
    purged: tuple[Found, ...]
    rewritten: tuple[Found, ...] | None
    alive: dict[str, int]
    files: tuple[Holding, ...]
    keepers: tuple[str, ...]
    keeps_wal: str

    @property
    def without_control(self) -> tuple[str, ...]:
        """Places where nothing was found before the purge, so that the proof says nothing about them."""
        return tuple(place for place in CONTROLLED if pages(self.before, place) == 0)

    @property
    def failures(self) -> tuple[str, ...]:
        """What contradicts the deletion, one sentence each."""
        said = [f"{relation} still has {rows} row(s) of a canary" for relation, rows in self.alive.items()]
        said += [f"{holding.file} holds a canary's value" for holding in self.files]
        said += [f"no canary was found in {place} before the purge: no control" for place in self.without_control]
        if self.rewritten is not None:
            said += [
                f"{found.relation} ({found.place}) still holds a canary's bytes in {found.pages} page(s)"
                for found in self.rewritten
                if found.place in MUST_BE_EMPTY
            ]
        return tuple(said)


def pages(found: tuple[Found, ...], place: str) -> int:
    """Return in how many pages of a place the bytes were found."""
    return sum(each.pages for each in found if each.place == place)


def prove(night: nights.Night, *, people: int, began_at: datetime, is_rewritten: bool) -> Proof:
    """Plant canaries, run the night's steps that purge, and search before and after.

    The steps are those of every night: they purge whatever else is due as well.

    Raises:
        GovernanceError: this role may not search, or a step did not complete; the canaries' requests stand, so the
            next night deletes them.

    """
    warehouse = night.warehouse
    with warehouse.connect("search the server's files", autocommit=True) as connection:
        require_rights(connection)
    nights.compile_(night)
    run = Run.new(began_at)
    planted = plant(warehouse, read_manifest(night.settings.dbt_project / "target"), run, people=people)
    say(STEP, f"{people} canaries in {len(planted.relations)} tables, {planted.columns} columns")
    with warehouse.connect("search before the purge", autocommit=True) as connection:
        for relation in planted.relations:
            connection.execute("set default_statistics_target = 1000")  # so that the sample takes the canaries in
            connection.execute(f"analyze {relation}".encode())
        before = search(connection, run.marker)
    for step in (nights.tombstone, nights.purge):
        step(night)
    with warehouse.connect("search after the purge", autocommit=True) as connection:
        purged = search(connection, run.marker)
        living = alive(connection, _tables(purged), run.marker)
    rewritten = _rewrite_and_search(night, run, purged) if is_rewritten else None
    with warehouse.connect("ask what else keeps bytes", autocommit=True) as connection:
        keepers = tuple(keeper for (keeper,) in connection.execute(KEEPERS))
        keeps_wal = connection.execute(
            "select string_agg(name || ' = ' || current_setting(name), ', ' order by name)"
            " from pg_settings where name in ('max_wal_size', 'wal_keep_size', 'checkpoint_timeout')"
        ).fetchone()
    return Proof(
        run=run.name,
        planted=planted,
        before=before,
        purged=purged,
        rewritten=rewritten,
        alive=living,
        files=search_files(night.settings, run.marker),
        keepers=keepers,
        keeps_wal=str(keeps_wal[0]) if keeps_wal else "",
    )


def _rewrite_and_search(night: nights.Night, run: Run, purged: tuple[Found, ...]) -> tuple[Found, ...]:
    with night.warehouse.connect("look for what to write anew", autocommit=True) as connection:
        relations = [each.relation for each in due(connection)]
        relations += [relation for relation in _tables(purged) if relation not in relations]
    rewrite(night.warehouse, relations)
    with night.warehouse.connect("search after the rewrite", autocommit=True) as connection:
        return search(connection, run.marker)


def _tables(found: tuple[Found, ...]) -> tuple[str, ...]:
    owners = {each.relation for each in found if each.place in {"heap", "index", "TOAST"}}
    return tuple(sorted(owner for owner in owners if not owner.startswith("pg_catalog.")))
