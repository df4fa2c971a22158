"""From relations to suggestions: sample each once, judge each column, look inside its JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

from privacy_governance.detection.documents import leaves, parse
from privacy_governance.detection.judging import judge
from privacy_governance.detection.sampling import Column, Sample, take
from privacy_governance.detection.suggestion import Suggestion, suggest

if TYPE_CHECKING:
    from collections.abc import Iterable

    from privacy_governance.warehouse import Warehouse

SAMPLE_ROWS = 2000
SEED = 1
STATEMENT_TIMEOUT = "120s"
DOCUMENTS_SHARE = 0.5  # of a text column's values that parse as JSON objects or arrays


def classify(
    warehouse: Warehouse, relations: Iterable[str], *, sample_rows: int = SAMPLE_ROWS, seed: int = SEED
) -> list[Suggestion]:
    """Suggest a tag for every column of `relations`, from its name and a sample of its values.

    Every column gets at least one suggestion; one where nothing was found says `undecided`, never "not
    personal". A JSON column gets one for each path where something was found. The same seed on the same table
    gives the same result.

    Cost: one bounded scan per relation, whatever its size. Sampled values are live personal data: they stay
    in this process's memory while their relation is judged, and no value is logged, raised or returned.

    Raises:
        WarehouseError: a relation isn't there or can't be read, or a view took longer than two minutes.

    """
    suggestions: list[Suggestion] = []
    session = {"default_transaction_read_only": "on", "statement_timeout": STATEMENT_TIMEOUT}
    with warehouse.connect("detect personal columns", session=session) as connection:
        for relation in relations:
            suggestions += classify_sample(take(connection, relation, rows=sample_rows, seed=seed))
    return suggestions


def classify_sample(sample: Sample) -> list[Suggestion]:
    """Suggest a tag for every column of one sample; pure."""
    return [
        suggestion
        for column, values in zip(sample.columns, sample.values, strict=True)
        for suggestion in classify_column(sample.relation, column, values)
    ]


def classify_column(relation: str, column: Column, values: tuple[str | None, ...]) -> list[Suggestion]:
    """Suggest what one column holds: itself, and the paths of its documents where it has any."""
    texts = [value for value in values if value]
    present = sum(value is not None for value in values)
    documents = [document for value in texts if (document := parse(value)) is not None]
    nested = column.types in {"json", "text"} and len(documents) >= max(1, DOCUMENTS_SHARE * len(texts))
    plain = [value for value in texts if parse(value) is None] if nested else texts
    own = judge(column.name, column.types, plain, sampled=len(values), relation=relation)
    suggestions = [suggest(relation, column.name, "", column.data_type, own)]
    if nested:
        inside = [
            suggest(relation, column.name, leaf.path, column.data_type, verdict)
            for leaf in leaves(column.name, documents)
            for verdict in [judge(leaf.name, types_of(leaf.values), leaf.values, sampled=present, relation=relation)]
        ]
        found = [suggestion for suggestion in inside if suggestion.is_decided]
        suggestions = [
            *(suggestion for suggestion in suggestions if suggestion.is_decided or not found),
            *found,
        ]
    return suggestions


def types_of(values: tuple[str, ...]) -> str:
    """Return the type class that a JSON path's values have in common."""
    if all(value in {"true", "false"} for value in values):
        return "boolean"
    return "number" if all(value.lstrip("-").replace(".", "", 1).isdigit() for value in values) else "text"
