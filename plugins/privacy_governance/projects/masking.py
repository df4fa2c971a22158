"""Hold what a project's `masking_rules` decide to the tags that its SQL gives the columns: before anything is built.

The same as violation_unfit_masking finds at night, but for what the notice discloses.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from typing import TYPE_CHECKING

from privacy_governance.errors import DeclarationError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from privacy_governance.manifest import Manifest
    from privacy_governance.tagging import ColumnTag

RULES = "masking_rules.csv"
ACTIONS = "masking_actions.csv"
IMPERSONAL = frozenset({"none", "aggregate"})


@dataclass(frozen=True)
class Unfit:
    """A column of a research model's input that is masked too weakly, or not decided about, or not there."""

    relation: str
    column: str
    file: str
    tag: ColumnTag | None
    reason: str


@dataclass(frozen=True)
class Masking:
    """The decisions of a project: by purpose, input and column; what drops the others; what is admitted."""

    actions: Mapping[tuple[str, str, str], str]
    dropped: frozenset[tuple[str, str]]
    admitted: frozenset[tuple[str, str]]


def read_masking(seeds: Path) -> Masking:
    """Read the decisions from a folder of seeds; none where it has no `masking_rules.csv`.

    Raises:
        DeclarationError: a file lacks a column, or the actions are missing.

    """
    rules = _rows(seeds / RULES, ("purpose", "input", "column_name", "identifiability", "action"))
    actions = _rows(seeds / ACTIONS, ("action", "identifiability")) if rules else ()
    return Masking(
        {(row["purpose"], row["input"], row["column_name"]): row["action"] for row in rules if row["column_name"]},
        frozenset((row["purpose"], row["identifiability"]) for row in rules if not row["column_name"]),
        frozenset((row["action"], row["identifiability"]) for row in actions),
    )


def unfit(masking: Masking, manifest: Manifest, tags: Iterable[ColumnTag]) -> Iterator[Unfit]:
    """Yield what does not fit the tags, in the order of the rules and of the inputs' columns."""
    models = {model.name: model for model in manifest.models}
    by_relation: dict[str, dict[str, ColumnTag]] = {}
    for each in tags:
        by_relation.setdefault(each.relation, {})[each.column] = each
    for (purpose, name, column), action in masking.actions.items():
        model = models.get(name)
        tag = by_relation.get(model.relation, {}).get(column) if model else None
        if model is None or tag is None:
            where, file = (model.relation, model.file) if model else (name, RULES)
            yield Unfit(where, column, file, None, f"{RULES} decides about it, and it is no column. Correct the row.")
        elif (action, _word(tag)) not in masking.admitted:
            reason = f"{RULES} lets it be shown by {action} for {purpose}. Drop it, or choose what {ACTIONS} admits."
            yield Unfit(model.relation, column, model.file, tag, reason)
    inputs = {(purpose, name): models[name] for purpose, name, _ in masking.actions if name in models}
    for (purpose, name), model in inputs.items():
        for column, tag in by_relation.get(model.relation, {}).items():
            is_decided = (purpose, name, column) in masking.actions or (purpose, _word(tag)) in masking.dropped
            if not is_decided and _word(tag) not in IMPERSONAL:
                reason = f"nobody decided about it. Add a row to {RULES}: {purpose},{name},{column},,drop,,,,why"
                yield Unfit(model.relation, column, model.file, tag, reason)


def _word(tag: ColumnTag) -> str:
    return str(tag.tag.identifiability) if tag.tag else "unknown"


def _rows(file: Path, columns: tuple[str, ...]) -> tuple[dict[str, str], ...]:
    if not file.is_file():
        if file.name == ACTIONS:
            raise DeclarationError(f"{RULES} has no {ACTIONS} beside it: what may be done with a column. Restore it.")
        return ()
    with file.open(encoding="utf-8", newline="") as opened:
        reader = csv.DictReader(opened)
        lacking = set(columns) - set(reader.fieldnames or ())
        if lacking:
            raise DeclarationError(f"{file.name} lacks {', '.join(sorted(lacking))}. Write its header again.")
        return tuple({name: (row[name] or "") for name in columns} for row in reader)
