"""Great Expectations' store of results, held to verdicts and numbers: nothing a row says reaches disk.

Loaded by Great Expectations only, by the name in `great_expectations.yml`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from great_expectations.data_context.store import ValidationResultsStore

# whoever opens the file context needs the expectations that its suites name
from privacy_governance.validation import column_types  # noqa: F401

if TYPE_CHECKING:
    from collections.abc import Mapping

# expectations on a table as a whole: they observe a count, or names and types of columns
OF_TABLES = "expect_table_"
WITHHELD = "withheld: it may quote a row. Run the expectation by hand to see it."


class NumbersOnlyResultsStore(ValidationResultsStore):  # type: ignore[misc] # the wheel has no usable types
    """Removes what an expectation observed in rows, and what an exception says, before a result is stored."""

    def store_validation_results(
        self,
        suite_validation_result: Any,  # noqa: ANN401 -- as every type of the wheel here
        *arguments: Any,  # noqa: ANN401
        **named: Any,  # noqa: ANN401
    ) -> Any:  # noqa: ANN401
        """Store a suite's results without the value of any row."""
        for result in suite_validation_result.results:
            withhold_values(result)
        return super().store_validation_results(suite_validation_result, *arguments, **named)


def withhold_values(result: Any) -> None:  # noqa: ANN401 -- as every type of the wheel
    """Reduce one expectation's result, in place, to its verdict and what describes the table as a whole."""
    of_table = result.expectation_config.type.startswith(OF_TABLES)
    observed = (result.result or {}).get("observed_value") if of_table else None
    result.result = {} if observed is None else {"observed_value": observed}
    result.exception_info = _without_messages(result.exception_info)


def _without_messages(info: Mapping[str, Any] | None) -> dict[str, Any]:
    if not info:
        return {}
    if "raised_exception" not in info:  # one entry a failed metric
        return {f"metric {n}": _without_messages(entry) for n, entry in enumerate(info.values(), start=1)}
    raised = info["raised_exception"]
    message = WITHHELD if raised else None
    return {"raised_exception": raised, "exception_message": message, "exception_traceback": message}
