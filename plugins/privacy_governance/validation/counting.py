"""Count what did not hold: only verdicts are asked for first, and numbers only of what failed, never values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

Untyped = Any  # the wheel has no usable types
# these observe names and types of a table's columns, or numbers of rows
OF_TABLES = "expect_table_"
# all that is kept of an expectation on rows: how many it looked at, and how many it did not expect
COUNTS = ("element_count", "unexpected_count")


def count_unmet(definition: Untyped, results: Iterable[Untyped]) -> bool:
    """Give each failed result of `definition` its numbers, in one pass over the table; return whether any did fail.

    Great Expectations' own formats beyond BOOLEAN_ONLY fetch the values that were not expected, too, each with a scan
    of its own. The counts that a verdict rests on are metrics, and can be asked for alone.
    """
    failed = [
        (result, result.expectation_config.to_domain_obj())
        for result in results
        if not result.success and not has_raised(result.exception_info)
    ]
    if not failed:
        return False
    from great_expectations.validator.metrics_calculator import MetricsCalculator  # noqa: PLC0415 -- takes seconds

    engine = definition.batch_definition.get_batch().data.execution_engine
    asked = [(result, expectation, _metrics(expectation, engine)) for result, expectation in failed]
    found, _aborted = MetricsCalculator(execution_engine=engine).compute_metrics(
        metric_configurations=[metric for _, _, metrics in asked for metric in metrics.values()],
        runtime_configuration=None,
        min_graph_edges_pbar_enable=0,
    )
    for result, expectation, metrics in asked:
        known = {name: found[metric.id] for name, metric in metrics.items() if metric.id in found}
        if len(known) == len(metrics):
            result.result = dict(_numbers(expectation, known, found, engine))
    return True


def observed(kind: str, result: Untyped) -> Untyped:
    """Return what may be told of a result: what describes the table as a whole, or counts; None where nothing may."""
    result = result or {}
    if kind.startswith(OF_TABLES):
        return result.get("observed_value")
    looked_at, unexpected = (result.get(name) for name in COUNTS)
    if not (_is_number(looked_at) and _is_number(unexpected)):
        return None
    return f"{unexpected:,} of {looked_at:,} rows"


def numbers_of(kind: str, result: Untyped) -> dict[str, Any]:
    """Return the part of a result that may be kept: no value of a row."""
    result = result or {}
    if kind.startswith(OF_TABLES):
        return {"observed_value": result["observed_value"]} if result.get("observed_value") is not None else {}
    return {name: result[name] for name in COUNTS if _is_number(result.get(name))}


def has_raised(info: Untyped) -> bool:
    """Whether an expectation could not be evaluated; Great Expectations nests what it says of it."""
    if not isinstance(info, dict):
        return False
    return bool(info.get("raised_exception")) or any(has_raised(entry) for entry in info.values())


def _metrics(expectation: Untyped, engine: Untyped) -> Untyped:
    asked = "BASIC" if expectation.expectation_type.startswith(OF_TABLES) else "BOOLEAN_ONLY"
    return expectation.get_validation_dependencies(
        execution_engine=engine, runtime_configuration={"result_format": {"result_format": asked}}
    ).metric_configurations


def _numbers(expectation: Untyped, known: dict[str, Any], found: Untyped, engine: Untyped) -> Iterator[tuple[str, Any]]:
    if expectation.expectation_type.startswith(OF_TABLES):
        told = expectation.metrics_validate(
            metrics=found, runtime_configuration={"result_format": {"result_format": "BASIC"}}, execution_engine=engine
        )
        yield "observed_value", told.result.get("observed_value")
        return
    unexpected = known.get(f"{getattr(expectation, 'map_metric', None)}.unexpected_count")
    if unexpected is not None:
        yield from zip(COUNTS, (known.get("table.row_count"), unexpected), strict=True)


def _is_number(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
