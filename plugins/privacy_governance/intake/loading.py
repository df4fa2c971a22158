"""Load a folder: each file in a transaction of its own, streamed, whole or not at all."""

from __future__ import annotations

import re
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import psycopg

from privacy_governance import progress
from privacy_governance.errors import IntakeError
from privacy_governance.intake.delimited import DelimitedFile
from privacy_governance.intake.folder import ACCEPTED, DataFile, survey
from privacy_governance.intake.json_lines import JsonLinesFile
from privacy_governance.intake.outcome import LoadedDump, LoadedFile, Refusal, RefusedError
from privacy_governance.intake.table import claim, make, named, stage
from privacy_governance.intake.text import marked_encoding, unmarked_encoding

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from privacy_governance.warehouse import Warehouse

STEP = "load"
REPORT_ROWS = 1_000_000
SESSION = {
    "client_encoding": "UTF8",
    "datestyle": "ISO",
    "jit": "off",  # compiling hundreds of aggregates takes longer than running them
    "statement_timeout": "0",
}
ENCODING_NAMES = {"cp1252": "Windows-1252", "latin-1": "Latin-1"}


def load_dump(warehouse: Warehouse, folder: Path) -> LoadedDump:
    """Load every data file of `folder` into `raw`, a file a table; a refused file changes nothing.

    Args:
        warehouse: where to.
        folder: CSV, TSV, PSV, JSONL, NDJSON (or `.json` with an object a line) files, each also gzipped.

    Raises:
        IntakeError: the folder is missing, unreadable, empty or without a data file.
        WarehouseError: the warehouse itself fails (no right, no disk); files before it stay loaded.

    """
    data, others = survey(folder)
    if not data and not any(file.state == "refused" for file in others):
        raise IntakeError(f"folder {folder} holds no data file. Put {ACCEPTED} files into it.")
    outcomes = list(others)
    for file in data:
        outcome = load_file(warehouse, file)
        progress.say(STEP, described(outcome))
        outcomes.append(outcome)
    return LoadedDump(folder, tuple(sorted(outcomes, key=lambda outcome: outcome.file)))


def described(outcome: LoadedFile) -> str:
    """Return one line on a file's outcome."""
    if outcome.state == "loaded":
        columns = f"{len(outcome.columns):,} columns"
        return f"{outcome.relation}: {outcome.rows:,} rows, {columns}, {outcome.seconds:.1f} s"
    return f"{outcome.file} refused, {len(outcome.refusals)} reasons; first: {outcome.refusals[0]}"


def load_file(warehouse: Warehouse, file: DataFile) -> LoadedFile:
    """Load one file, in the encoding that its mark or its bytes show."""
    started = time.monotonic()
    try:
        marked = marked_encoding(file.path)
        try:
            loaded = attempt(warehouse, file, marked or "utf-8")
        except UnicodeDecodeError:
            if marked:
                reason = f"not valid {marked.removesuffix('-sig').upper()}, though its byte-order mark says so."
                raise RefusedError(Refusal(file.name, None, reason)) from None
            loaded = attempt(warehouse, file, unmarked_encoding(file.path))
    except RefusedError as error:
        return LoadedFile(file.name, "refused", seconds=time.monotonic() - started, refusals=error.refusals)
    return replace(loaded, seconds=time.monotonic() - started)


def attempt(warehouse: Warehouse, file: DataFile, encoding: str) -> LoadedFile:
    """Load one file read in this encoding, in one transaction.

    Raises:
        RefusedError: the file can't be taken.
        UnicodeDecodeError: the file is in another encoding.
        WarehouseError: the warehouse failed for a reason of its own.

    """
    source = JsonLinesFile(file, encoding) if file.format == "json" else DelimitedFile(file, encoding)
    with warehouse.connect(f"load {file.name}", session=SESSION) as connection:
        try:
            claim(connection, file.name, file.table)
            stage(connection, source.staging, reported(file.name, source.batches()))
            staged = source.columns()
            make(connection, file.name, file.table, staged)
        except (psycopg.DataError, psycopg.errors.ProgramLimitExceeded) as error:
            raise RefusedError(refusal_of(error, file.name)) from None
        relation = named(connection, file.table)
    notes = (f"read as {ENCODING_NAMES[encoding]}: not UTF-8, no mark",) if encoding in ENCODING_NAMES else ()
    columns = tuple(each.column for each in staged)
    return LoadedFile(file.name, "loaded", relation, source.rows, columns, notes=(*notes, *source.notes))


def reported(name: str, batches: Iterator[Sequence[Sequence[str]]]) -> Iterator[Sequence[Sequence[str]]]:
    """Pass batches on, with a progress line for every million rows."""
    rows, due = 0, REPORT_ROWS
    for batch in batches:
        yield batch
        rows += len(batch)
        if rows >= due:
            progress.say(STEP, f"{name}: {rows:,} rows read")
            due += REPORT_ROWS


def refusal_of(error: psycopg.Error, file: str) -> Refusal:
    """Return why PostgreSQL refused a file, by state and record; its message may quote a value."""
    record = re.search(r"COPY load_staging, line (\d+)", error.diag.context or "")
    where = f"record {record[1]}" if record else "a record"
    return Refusal(file, None, f"PostgreSQL can't store {where} ({type(error).__name__}, state {error.sqlstate}).")
