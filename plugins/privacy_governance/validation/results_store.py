"""Where Great Expectations keeps results: verdicts and numbers only, so nothing a row says reaches disk or Data Docs.

Loaded by Great Expectations, by the name in `great_expectations.yml`, whoever opens the file context; a store of
another class than its own it would silently replace by one in memory, hence a store's backend.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from great_expectations.data_context.store.tuple_store_backend import TupleFilesystemStoreBackend

# whoever opens the file context needs the expectations that its suites name
from privacy_governance.validation import own_expectations  # noqa: F401
from privacy_governance.validation.counting import numbers_of

if TYPE_CHECKING:
    from collections.abc import Mapping

WITHHELD = "withheld: it may quote a row. Run the expectation by hand to see it."


class NumbersOnlyBackend(TupleFilesystemStoreBackend):  # type: ignore[misc] # the wheel has no usable types
    """Removes what an expectation observed in rows, and what an exception says, before a result is written."""

    def _set(self, key: object, value: str, **named: object) -> object:
        stored = json.loads(value)
        stored["results"] = [without_values(result) for result in stored["results"]]
        return super()._set(key, json.dumps(stored, indent=2, sort_keys=True), **named)


def without_values(result: Mapping[str, Any]) -> dict[str, Any]:
    """Return one expectation's result with its verdict, what describes the table as a whole, and counts of rows."""
    return {
        **result,
        "result": numbers_of(result["expectation_config"]["type"], result.get("result")),
        "exception_info": _without_messages(result.get("exception_info")),
    }


def _without_messages(info: Mapping[str, Any] | None) -> dict[str, Any]:
    if not info:
        return {}
    if "raised_exception" not in info:  # one entry a failed metric
        return {f"metric {n}": _without_messages(entry) for n, entry in enumerate(info.values(), start=1)}
    raised = info["raised_exception"]
    message = WITHHELD if raised else None
    return {"raised_exception": raised, "exception_message": message, "exception_traceback": message}
