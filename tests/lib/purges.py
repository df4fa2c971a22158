"""Purges of tiny tables, planned and carried out as a night does, without dbt: its materialization calls the same."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

from psycopg import sql

from privacy_governance import purging
from privacy_governance.errors import StepError, WarehouseError
from privacy_governance.manifest import Column, Manifest, Model, Source
from privacy_governance.purging.planning import replacements
from privacy_governance.warehouse.bootstrap import bootstrap

NIGHT = "2026-03-01"
SESSION = {"governance.night": NIGHT, "timezone": "UTC"}
FINGERPRINTS = {"ledger": "0" * 64, "research": "0" * 64}
LIMITS = {"purge_limit": 0.05, "purge_limit_rows": 1000, "batch_rows": 1000, "pause_share": 0}

# whom a test dooms: their rows go, or are redacted in these columns
TABLES = """
create table intermediate.int_identifiers__held (identifier_kind text, identifier text);
create table intermediate.int_columns__unread (
    relation text, cutoff timestamptz, read_from timestamptz, loaded_from timestamptz
);
create table public.doomed (identifier text primary key, redacted_columns text []);
create view intermediate.int_identifiers__tombstoned as
select found.identifier_kind, found.identifier, tombstone.tombstone_id, tombstone.request_id, tombstone.doomed_from,
    tombstone.doomed_until
from governance.tombstones as tombstone
inner join intermediate.int_identifiers__tokenized as found on tombstone.identifier_token = found.ledger_token;
"""
SELECT = """
select kept.tableoid as relation_id, kept.ctid as row_id, kept.xmin as row_version, null::text as owner_kind,
    null::text as owner, tombstone.tombstone_id, 'tombstone' as reason, doomed.redacted_columns
from {relation} as kept inner join public.doomed on kept.user_id = doomed.identifier
left join governance.tombstones as tombstone
    on tombstone.identifier_token = encode(sha256(convert_to(kept.user_id, 'UTF8')), 'hex')
where not exists (select from intermediate.int_identifiers__held as held where held.identifier = kept.user_id)
    and (doomed.redacted_columns is null or kept.note is distinct from {replaced})
"""
# everybody of a relation asked once; whose rows a test dooms is another question
TOMBSTONES = """
insert into governance.deletion_requests (request_id, regulation_type, received_at, confirm_by, due_on, state)
select distinct 'request of ' || length(user_id), 'SUPPRESS_WITH_DELETE', now(), now(), now(), 'tombstoned'
from {relation} on conflict do nothing;
insert into intermediate.int_identifiers__tokenized
select distinct 'user_id', user_id, token, left(token, 32)::uuid
from {relation} cross join lateral (select encode(sha256(convert_to(user_id, 'UTF8')), 'hex') as token) as hashed
on conflict do nothing;
insert into governance.tombstones (identifier_token, identifier_kind, subject_token, request_id, tombstoned_on)
select distinct ledger_token, 'user_id', ledger_token, 'request of ' || length(user_id), now()
from {relation} inner join intermediate.int_identifiers__tokenized on user_id = identifier
on conflict do nothing
"""


@dataclass(frozen=True)
class TinyPurge:
    """Purge models over tables with user_id and note; `limits` are those of every model."""

    warehouse: object
    relations: tuple[str, ...] = ("raw.tracks",)
    limits: dict = field(default_factory=dict)
    redacted_as: str | None = None
    night: str = NIGHT

    @property
    def session(self):
        return SESSION | {"governance.night": self.night}

    @property
    def manifest(self):
        sources = tuple(
            Source("shop", relation, "", {}, {"note": Column("note", "text", {"redacted_as": self.redacted_as})})
            for relation in self.relations
        )
        models = tuple(
            Model(
                name=f"int_{relation.split('.')[1]}__doomed",
                relation=f"intermediate.int_{relation.split('.')[1]}__doomed",
                file="",
                sql=SELECT.format(relation=relation, replaced=sql.Literal(self.redacted_as).as_string()),
                materialization="purge",
                folder=(),
                config={"relation": relation, "meta": LIMITS | self.limits},
                columns={},
                description="",
            )
            for relation in self.relations
        )
        return Manifest(sources=sources, seeds=(), models=models)

    def plan(self):
        """Plan, and leave nothing behind."""
        with self.warehouse.connect("plan", session=self.session) as connection:
            planned = purging.plan(connection, self.manifest, night=self.night)
            connection.rollback()
            return planned

    def purge(self):
        """Plan and carry out."""
        return purging.purge(self, self.manifest, night=self.night)

    def run(self, command, *names):
        """Do what dbt does for these models, and withhold what PostgreSQL says as it is withheld of dbt."""
        for model in self.manifest.models:
            if model.name in names:
                relation, limits = model.config["relation"], model.config["meta"]
                try:
                    with self.warehouse.connect("carry out", autocommit=True, session=self.session) as connection:
                        connection.execute(
                            sql.SQL("call governance.carry_out_purge({}, {}, {}, {}, {}, {}, {})").format(
                                model.relation,
                                relation,
                                json.dumps(replacements(self.manifest, relation)),
                                limits["batch_rows"],
                                limits["pause_share"],
                                limits["purge_limit"],
                                limits["purge_limit_rows"],
                            )
                        )
                except WarehouseError:
                    raise StepError(f"dbt {command} failed in {model.name}") from None

    def execute(self, statement, parameters=None):
        with self.warehouse.connect("arrange a test", session=self.session) as connection:
            cursor = connection.execute(statement, parameters)
            return cursor.fetchall() if cursor.description else None

    def receipts(self):
        """What the receipts say: relation, rows and redacted columns, by subject."""
        return self.execute(
            "select relation, subject_token, redacted_columns, sum(purged_rows)::int from governance.purge_receipts"
            " group by 1, 2, 3 order by 1, 2, 3"
        )


def tiny_purge(warehouse, *, ddl="create table {relation} (user_id text, note text)", **options):
    """Prepare a warehouse with the ledger and `ddl` for each relation: 10 subjects of 4 rows each."""
    bootstrap(warehouse, fingerprints=FINGERPRINTS)
    purge = TinyPurge(warehouse, **options)
    with warehouse.connect("prepare a test") as connection:
        connection.execute(TABLES)
        for relation in purge.relations:
            connection.execute(ddl.format(relation=relation))
            connection.execute(
                f"insert into {relation} (user_id, note)"
                " select 'person ' || person, 'note ' || row from generate_series(1, 10) as person,"
                " generate_series(1, 4) as row order by row, person"
            )
            connection.execute(TOMBSTONES.format(relation=relation))
    return purge
