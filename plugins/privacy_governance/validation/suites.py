"""Run Great Expectations' checkpoints of the file context `expectations/` on the warehouse."""

from __future__ import annotations

import json
import logging
import os
import warnings
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from psycopg.conninfo import conninfo_to_dict

from privacy_governance.errors import StepError
from privacy_governance.pages import docs_site
from privacy_governance.validation.counting import count_unmet, has_raised, observed
from privacy_governance.validation.outcome import Expected
from privacy_governance.warehouse.connection import CONNECT_TIMEOUT_SECONDS

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path

    from privacy_governance.warehouse import Warehouse

Untyped = Any  # the wheel has no usable types
URL_VARIABLE = "GOVERN_SQLALCHEMY_URL"
ABSENT = "absent"
FAILED = "could not be evaluated"


def run_suites(
    warehouse: Warehouse, expectations: Path, *, night: str, relations: Collection[str], excused: Collection[str]
) -> tuple[Expected, ...]:
    """Run every reader's checkpoint; the results are kept as the run `night`, and Data Docs show them.

    Args:
        warehouse: read only.
        expectations: the file context's folder; only its `uncommitted/` is written.
        night: ISO date; the same night again replaces its results.
        relations: what the warehouse has, as `schema.table`; expectations on others are unmet.
        excused: what it may lack; nothing is expected of these while they are not there.

    Raises:
        StepError: a suite could not be run at all; names it, never a row's value.

    """
    with _quiet(), _variable(URL_VARIABLE, sqlalchemy_url(warehouse.url)):
        # imported here: it takes seconds, which no other command or task should wait for
        import great_expectations  # noqa: PLC0415
        from great_expectations.core.run_identifier import RunIdentifier  # noqa: PLC0415

        # registers what the suites name beyond Great Expectations' own
        from privacy_governance.validation import own_expectations  # noqa: F401, PLC0415

        context = great_expectations.get_context(mode="file", context_root_dir=expectations)
        run = RunIdentifier(run_name=night, run_time=datetime.fromisoformat(night).replace(tzinfo=UTC))
        results: list[Expected] = []
        for checkpoint in sorted(context.checkpoints.all(), key=lambda found: str(found.name)):
            for definition in checkpoint.validation_definitions:
                _require_whole(definition, expectations)
                if definition.asset.name in relations:
                    results += _run(context, definition, checkpoint, run)
                elif definition.asset.name not in excused:
                    results += _absent(definition, checkpoint)
        _build_docs(context, run, expectations)
        return tuple(results)


def sqlalchemy_url(url: str) -> str:
    """Return the libpq address `url` as SQLAlchemy writes it, for sessions that can't write."""
    from sqlalchemy import URL  # noqa: PLC0415 -- with Great Expectations: only where its seconds are spent

    parts = {name: str(value) for name, value in conninfo_to_dict(url).items() if value is not None}
    own = "-c default_transaction_read_only=on -c timezone=UTC"
    options = " ".join(filter(None, [parts.pop("options", ""), own]))
    address = {name: parts.pop(name, None) for name in ("host", "port", "user", "password", "dbname")}
    host = address["host"] or ""
    is_socket = host.startswith("/") or "," in host
    query = {
        "application_name": "privacy_governance",
        "connect_timeout": str(CONNECT_TIMEOUT_SECONDS),
        **parts,
        "options": options,
    }
    if is_socket:
        query["host"] = host
    return URL.create(
        "postgresql+psycopg2",
        username=address["user"],
        password=address["password"] or None,
        host=None if is_socket else (host or None),
        port=int(address["port"]) if address["port"] else None,
        database=address["dbname"],
        query=query,
    ).render_as_string(hide_password=False)


def _require_whole(definition: Untyped, expectations: Path) -> None:
    """Refuse a suite of which Great Expectations dropped a part: it leaves out what it can't read, and logs it.

    Raises:
        StepError: names the suite's file.

    """
    file = expectations / "suites" / f"{definition.suite.name.replace('.', '/')}.json"
    written = len(json.loads(file.read_text())["expectations"])
    understood = len(definition.suite.expectations)
    if understood != written:
        raise StepError(
            f"{file.relative_to(expectations.parent)}: {written - understood} of {written} expectations can't be "
            "read. Check their type and kwargs."
        )


def _run(context: Untyped, definition: Untyped, checkpoint: Untyped, run: Untyped) -> Iterator[Expected]:
    try:
        done = definition.run(
            checkpoint_id=checkpoint.id,
            result_format=checkpoint.result_format,
            expectation_parameters={"night": run.run_name},
            run_id=run,
        )
        if count_unmet(definition, done.results):
            _keep(context, definition, run, done)
    except Exception as error:
        # its message may repeat PostgreSQL's, and with it a value
        raise StepError(f"suite {definition.name} could not be run ({type(error).__name__}).") from None
    for result in done.results:
        configuration = result.expectation_config
        raised = has_raised(result.exception_info)
        yield Expected(
            reader=checkpoint.name,
            expectation=configuration.type,
            relation=definition.asset.name,
            column=configuration.kwargs.get("column"),
            is_met=bool(result.success),
            observed=FAILED if raised else _told(observed(configuration.type, result.result)),
            severity=configuration.severity.value,
        )


def _keep(context: Untyped, definition: Untyped, run: Untyped, done: Untyped) -> None:
    """Write a result again, now that it has numbers; without them it stands where Great Expectations put it."""
    store = context.validation_results_store
    for key in store.list_keys():
        if key.run_id.run_name == run.run_name and key.expectation_suite_identifier.name == definition.suite.name:
            store.set(key, done)


def _absent(definition: Untyped, checkpoint: Untyped) -> Iterator[Expected]:
    for expectation in definition.suite.expectations:
        configuration = expectation.configuration
        yield Expected(
            reader=checkpoint.name,
            expectation=configuration.type,
            relation=definition.asset.name,
            column=configuration.kwargs.get("column"),
            is_met=False,
            observed=ABSENT,
            severity=configuration.severity.value,
        )


def _told(found: Untyped) -> str | None:
    return found if found is None or isinstance(found, str) else json.dumps(found)


def _build_docs(context: Untyped, run: Untyped, expectations: Path) -> None:
    """Make this night's pages of Data Docs, and the index of all nights; other pages stand already.

    Raises:
        StepError: a page was not made; Great Expectations itself would only log it.

    """
    keys = context.validation_results_store.list_keys()
    tonight = [key for key in keys if key.run_id.run_name == run.run_name]
    context.build_data_docs(resource_identifiers=tonight)
    site = docs_site(expectations)
    made = sum(1 for _ in site.rglob(f"{run.run_name}/*/*.html"))
    if made < len(tonight) or not (site / "index.html").stat().st_size:
        raise StepError(
            f"Data Docs are not whole: {made} of {len(tonight)} pages, or the index, of night {run.run_name} could not "
            f"be made. Check data_docs_sites in {expectations / 'great_expectations.yml'}."
        )


@contextmanager
def _quiet() -> Iterator[None]:
    log = logging.getLogger("great_expectations")
    before = log.level
    log.setLevel(logging.CRITICAL + 1)  # it logs failed statements with PostgreSQL's message, which may quote a row
    try:
        # deprecations inside Great Expectations are its own matter; a caller may have made warnings errors
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        log.setLevel(before)


@contextmanager
def _variable(name: str, value: str) -> Iterator[None]:
    before = os.environ.get(name)
    os.environ[name] = value
    try:
        yield
    finally:
        if before is None:
            del os.environ[name]
        else:
            os.environ[name] = before
