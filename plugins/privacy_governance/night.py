"""One night: the date it governs, the warehouse, the keys; and its steps in the order they run.

A step may be killed at any point and run again: each change is one transaction, and each step first looks at
what is already so.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from privacy_governance import (
    commenting,
    identity,
    ledger,
    publishing,
    purging,
    releasing,
    report,
    requests,
    retention,
    rotating,
    tagging,
    tombstones,
    tracing,
    validation,
)
from privacy_governance.errors import GovernanceError, SettingsError
from privacy_governance.generalization.candidate import measure_candidate
from privacy_governance.keys import Keys, read_keys
from privacy_governance.locks import Lock
from privacy_governance.manifest import read_manifest
from privacy_governance.progress import STOPPED, begin, recorded, say
from privacy_governance.settings import Settings, settings
from privacy_governance.transformations import Transformations
from privacy_governance.turns import require_its_turn
from privacy_governance.warehouse import Warehouse, open_warehouse
from privacy_governance.warehouse.bootstrap import bootstrap

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import date

    from privacy_governance.warehouse import Connection


@dataclass(frozen=True)
class Night:
    """Everything a step needs to know."""

    on: date
    settings: Settings
    warehouse: Warehouse
    keys: Keys

    @property
    def session(self) -> dict[str, str]:
        """Settings of every session of this night: UTC clocks, its date, the digest of its policy, the keys' pads."""
        return {
            "timezone": "UTC",
            "governance.night": self.on.isoformat(),
            "governance.policy_digest": publishing.policy_digest(self.settings.dbt_project),
            **self.keys.session(),
        }

    @property
    def transformations(self) -> Transformations:
        """The dbt project, run with this night's session."""
        return Transformations(self.settings, self.warehouse, self.session)


def compile_(night: Night) -> None:
    """Prepare the warehouse, load and test the policy's seeds, and let dbt compile every model."""
    bootstrap(night.warehouse, fingerprints=night.keys.fingerprints())
    with night.warehouse.connect("complete the desk's tables") as connection:
        requests.complete_tables(connection)
    policy = night.transformations.run("build", "resource_type:seed")
    models = night.transformations.compile_all()
    say("compile", f"{len(policy)} seeds of policy and their tests, {len(models)} nodes compiled")


def trace(night: Night) -> None:
    """Turn each model's SQL into column edges."""
    traced = tracing.trace(night.warehouse, night.settings.dbt_project / "target")
    models = f"{traced.models} models ({traced.retraced} traced anew)"
    say("trace", f"{models}, {traced.edges} column edges, {traced.unresolved} unresolved")


def tag(night: Night) -> None:
    """Give every column of every relation its tag, and the path that explains it."""
    tagged = tagging.tag(night.warehouse, night.settings.dbt_project, on=night.on)
    say(
        "tag",
        f"{tagged.columns} columns tagged, {tagged.personal} of them personal, {tagged.unknown} unknown",
    )


def tombstone(night: Night) -> None:
    """Turn verified requests into tombstones."""
    rotating.follow(night.warehouse, night.settings, night.keys, night=night.on)
    night.transformations.run(
        "run", "staging", "intermediate.subjects", "intermediate.retention", "intermediate.surviving"
    )
    with night.warehouse.connect("tombstone", session=night.session) as connection:
        taken = requests.take_in(connection)
        resolved = identity.resolve(connection, night.on.isoformat())
        placed = tombstones.place(connection, night=night.on.isoformat())
        _withdraw(night, connection)
    say(
        "tombstone",
        f"{taken.received} new requests, {taken.refused} refused and {taken.routed} routed so far, "
        f"{placed.on_hold} on hold, {resolved.in_review} in review, "
        f"{placed.new + resolved.followed} new tombstones ({placed.tombstones} in all)",
    )


def purge(night: Night) -> None:
    """Delete the doomed rows of every relation, each with its receipt."""
    on = night.on.isoformat()
    manifest = read_manifest(night.settings.dbt_project / "target")
    purged = purging.purge(night.transformations, manifest, night=on)
    with night.warehouse.connect("carry out requests", session=night.session) as connection:
        retention.remember(connection)
        carried_out = requests.carry_out(connection, manifest, night=on)
    vacuumed = purging.vacuum(night.warehouse, night=on)
    ledger.copy(night.warehouse, night.settings)
    skipped = f"; not vacuumed, as locked: {', '.join(vacuumed.skipped)}" if vacuumed.skipped else ""
    say(
        "purge",
        f"{purged.rows} rows of {purged.relations} relations, {purged.subjects} subjects; "
        f"{carried_out} requests carried out{skipped}",
    )


def anonymize(night: Night) -> None:
    """Build the release candidate from the rows that survive, and measure what it discloses and still tells."""
    with night.warehouse.connect("withdraw members", session=night.session) as connection:
        _withdraw(night, connection)
    built = night.transformations.run("build", "intermediate.surviving", "marts.research")
    with night.warehouse.connect("comment columns") as connection:
        commenting.comment_columns(connection, night.settings.dbt_project)
    with night.warehouse.connect("measure the candidate", session=night.session) as connection:
        measured = measure_candidate(
            connection, read_manifest(night.settings.dbt_project / "target"), night=night.on.isoformat()
        )
    tables = sum(1 for node in built if node.name.startswith("research_"))
    say("anonymize", f"{tables} tables built as candidate, {measured} measured")


def validate(night: Night) -> None:
    """Hold violations at zero and the candidate to its contract.

    Raises:
        PublishingBlockedError: something is not as it must be; the message names it.

    """
    night.transformations.run("build", "marts.audit")
    outcome = validation.validate(night.warehouse, night.settings, night=night.on.isoformat())
    for warned in outcome.warned:
        say("validate", f"warning, which blocks nothing: {warned.described}")
    if outcome.met:
        say("validate", outcome.summary)
    validation.require_met(outcome)


def publish(night: Night) -> None:
    """Make the validated candidate the release."""
    with night.warehouse.connect("look at the token period") as connection:
        rotating.require_current(connection, night.settings, night=night.on)
    policy = publishing.policy_digest(night.settings.dbt_project)
    released = publishing.publish(night.warehouse, night=night.on.isoformat(), policy=policy)
    rotating.destroy_former(night.warehouse, night.settings)
    what = f"{len(released.relations)} tables, {released.rows} rows"
    say(
        "publish",
        f"{what} published" if released.is_new else f"{what}: already the release, nothing to change",
    )


def write_report(night: Night) -> None:
    """Write what an auditor reads."""
    file = report.write(night.warehouse, night.settings, night=night.on.isoformat())
    say("report", str(file))


def plan_purge(night: Night) -> purging.PurgePlan:
    """Return what tonight would purge; deletes nothing and writes no tombstone, refreshes only derived relations.

    Raises:
        StepError: it is not the turn of this night.

    """
    require_its_turn(night.warehouse, night.on)
    compile_(night)
    # retention asks what each column is used for
    tagging.tag(night.warehouse, night.settings.dbt_project, on=night.on)
    rotating.follow(night.warehouse, night.settings, night.keys, night=night.on)
    night.transformations.run(
        "run", "staging", "intermediate.subjects", "intermediate.retention", "intermediate.surviving"
    )
    with night.warehouse.connect("plan the purge", session=night.session) as connection:
        requests.take_in(connection)
        identity.resolve(connection, night.on.isoformat())
        tombstones.place(connection, night=night.on.isoformat())
        _withdraw(night, connection)
        manifest = read_manifest(night.settings.dbt_project / "target")
        planned = purging.plan(connection, manifest, night=night.on.isoformat())
        planned = replace(planned, scans=purging.unserved_clocks(connection, manifest))
        connection.rollback()
    return planned


def _withdraw(night: Night, connection: Connection) -> None:
    manifest = read_manifest(night.settings.dbt_project / "target")
    releasing.withdraw(connection, manifest, night=night.on.isoformat())


ENFORCE: dict[str, Callable[[Night], None]] = {
    "compile": compile_,
    "trace": trace,
    "tag": tag,
    "tombstone": tombstone,
    "purge": purge,
}
PUBLISH: dict[str, Callable[[Night], None]] = {
    "anonymize": anonymize,
    "validate": validate,
    "publish": publish,
    "report": write_report,
}
STEPS = ENFORCE | PUBLISH
FIRST_STEP, *_, LAST_STEP = STEPS


@contextmanager
def open_night(on: date) -> Iterator[Night]:
    """Open the warehouse and the keys for the night `on`.

    Raises:
        GovernanceError: the warehouse or the key is unusable.

    """
    keys = read_keys(settings(), night=on)
    with open_warehouse(settings()) as warehouse:
        yield Night(on, settings(), warehouse, keys)


@contextmanager
def _only_step(warehouse: Warehouse, name: str) -> Iterator[None]:
    """Wait until no other step runs on this warehouse: two nights, or two DAGs of one, must not mix their dbt runs."""
    with warehouse.connect("wait for other steps", autocommit=True) as connection:
        if connection.execute("select pg_try_advisory_lock(%s)", [Lock.STEP]).fetchone() != (True,):
            say(name, "waits for another step that runs on this warehouse")
            connection.execute("select pg_advisory_lock(%s)", [Lock.STEP])
        yield


def run_step(name: str, *, on: date) -> None:
    """Run one step of the night `on`; what every Airflow task does.

    Raises:
        GovernanceError: the step could not be completed, or publishing is blocked.

    """
    if name not in STEPS:
        raise SettingsError(f"there is no step {name}: the steps are {', '.join(STEPS)}")
    with open_night(on) as night, _only_step(night.warehouse, name):
        if name != LAST_STEP:
            # before its record is touched: that of a night whose turn is over stays as it was
            require_its_turn(night.warehouse, on)
        # whoever runs it, Airflow's scheduler too: the report tells what the night's steps said
        record = night.settings.progress_of(on.isoformat())
        if name == FIRST_STEP:
            begin(record)
        with recorded(record):
            _run(name, night)


def _run(name: str, night: Night) -> None:
    try:
        ledger.require_current(night.warehouse, night.settings)
        STEPS[name](night)
    except GovernanceError as error:
        say(name, f"{STOPPED}{error}")
        raise
