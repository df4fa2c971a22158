"""Ask for the canaries' deletion first, then plant them: killed in between, the next night still deletes them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from psycopg import sql

from privacy_governance.errors import WarehouseError
from privacy_governance.proving.canaries import PlannedColumn, Unsearchable, plan_columns
from privacy_governance.warehouse.catalog import columns_in

if TYPE_CHECKING:
    from collections.abc import Mapping

    from privacy_governance.manifest import Manifest
    from privacy_governance.proving.canaries import Run
    from privacy_governance.warehouse import Connection, Warehouse

REQUESTS = "raw.privacy_requests"
HOLDS = "raw.legal_holds"

INDEXED = """
select distinct attname::text
from pg_index
inner join pg_attribute on attrelid = indrelid and attnum = any(indkey)
where indrelid = %s::regclass
"""


@dataclass(frozen=True)
class Planted:
    """What was planted: relations with their columns, columns that can't be searched for, relations of nobody."""

    relations: tuple[str, ...]
    columns: int
    unsearchable: tuple[Unsearchable, ...]
    of_nobody: tuple[str, ...]


def plant(warehouse: Warehouse, manifest: Manifest, run: Run, *, people: int) -> Planted:
    """Plant `people` canaries in every declared raw table that speaks of people.

    Raises:
        WarehouseError: a table refuses a canary (a constraint); nothing but the requests for its deletion stays.

    """
    with warehouse.connect("plan the canaries") as connection:
        planned, of_nobody = _plan(connection, manifest)
    if REQUESTS not in planned:
        raise WarehouseError(f"{REQUESTS} is missing or undeclared: nobody's deletion could be asked for.")
    with warehouse.connect(f"ask for the canaries' deletion in {REQUESTS}") as connection:
        _insert(connection, run, REQUESTS, planned[REQUESTS], people)
    with warehouse.connect("plant canaries") as connection:
        for relation, columns in planned.items():
            if relation != REQUESTS:
                _insert(connection, run, relation, columns, people)
    personal = [column for columns in planned.values() for column in columns if column.is_personal]
    return Planted(
        relations=tuple(planned),
        columns=sum(column.is_searchable for column in personal),
        unsearchable=tuple(Unsearchable(c.relation, c.name, c.data_type) for c in personal if not c.is_searchable),
        of_nobody=of_nobody,
    )


def _plan(connection: Connection, manifest: Manifest) -> tuple[dict[str, tuple[PlannedColumn, ...]], tuple[str, ...]]:
    present = columns_in(connection, ["raw"])
    planned, of_nobody, links = {}, [], _links(manifest)
    for source in manifest.sources:
        if source.relation not in present:
            continue
        columns = plan_columns(
            source.relation,
            declared={name: column.meta for name, column in source.columns.items()},
            present=present[source.relation],
            indexed=frozenset(name for (name,) in connection.execute(INDEXED, [source.relation])),
            table=source.meta,
            links=links.get(source.relation, {}),
        )
        if columns:
            planned[source.relation] = columns
        else:
            of_nobody.append(source.relation)
    return planned, tuple(of_nobody)


def _links(manifest: Manifest) -> dict[str, dict[str, str]]:
    """Return `{relation: {column: link}}` of both ends of each declared `reached_through`."""
    links: dict[str, dict[str, str]] = {}
    for source in manifest.sources:
        through = source.meta.get("reached_through")
        if through:
            link = f"{through['relation']}.{through['key']}"
            links.setdefault(source.relation, {})[through["column"]] = link
            links.setdefault(through["relation"], {})[through["key"]] = link
    return links


def _insert(connection: Connection, run: Run, relation: str, columns: tuple[PlannedColumn, ...], people: int) -> None:
    names = [column.name for column in columns]
    for person in range(people):
        values = {column.name: run.value(column, person) for column in columns}
        values |= _meant(run, relation, person, values)
        extra = [name for name in values if name not in names]
        statement = sql.SQL("insert into {} ({}) values ({})").format(
            sql.SQL(relation),
            sql.SQL(", ").join(map(sql.Identifier, (*names, *extra))),
            sql.SQL(", ").join(sql.Placeholder() * (len(names) + len(extra))),
        )
        connection.execute(statement, list(values.values()))


def _meant(run: Run, relation: str, person: int, values: Mapping[str, object]) -> dict[str, object]:
    """Return what columns that steer the deletion itself must hold, so that it takes its normal course."""
    if relation == REQUESTS:
        meant: dict[str, object] = {
            "request_id": run.request_id(person),
            "received_at": run.began_at,
            "regulation_type": "SUPPRESS_WITH_DELETE",
            "verified_at": run.began_at,
            "channel": "govern_prove",
            "verified_by": "govern_prove",
            "verification_method": "govern_prove",
            "status": "verified",
            **dict.fromkeys(("customer", "residency", "agent_proof", "confirmed_at")),
        }
        required = ("request_id", "received_at", "regulation_type", "verified_at", "verified_by")
        return {name: value for name, value in meant.items() if name in values or name in required}
    if relation == HOLDS:
        # a hold of yesterday, so that it keeps nothing tonight
        yesterday = (run.began_at - timedelta(days=1)).date()
        return {"starts_on": yesterday, "ends_on": yesterday}
    return {}
