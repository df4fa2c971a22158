"""An expectation on a release: its columns are spread about as in the release that analysts read now."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, ClassVar

from great_expectations.compatibility.sqlalchemy import sqlalchemy as sa
from great_expectations.execution_engine import SqlAlchemyExecutionEngine
from great_expectations.expectations.expectation import BatchExpectation
from great_expectations.expectations.metrics.metric_provider import metric_value
from great_expectations.expectations.metrics.table_metric_provider import TableMetricProvider
from great_expectations.render.renderer_configuration import RendererValueType

if TYPE_CHECKING:
    from collections.abc import Mapping

Untyped = Any  # the wheel has no usable types
MARGINALS = "table.marginals_moved"


class TableMarginalsMoved(TableMetricProvider):  # type: ignore[misc] # the wheel has no usable types
    """By column of `columns`: the total variation distance to `published`, how many values there are, the fewer rows.

    Each table is scanned once, with grouping sets. Empty where `published` is not there, or either table is empty.
    """

    metric_name = MARGINALS
    value_keys = ("columns", "published")

    @metric_value(engine=SqlAlchemyExecutionEngine)  # type: ignore[untyped-decorator]
    def _sqlalchemy(
        cls,  # noqa: N805 -- Great Expectations makes it a class method
        execution_engine: Untyped,
        metric_domain_kwargs: Mapping[str, Any],
        metric_value_kwargs: Mapping[str, Any],
        metrics: Mapping[str, Any],  # noqa: ARG002 -- named by the base class
        runtime_configuration: Mapping[str, Any],  # noqa: ARG002
    ) -> dict[str, dict[str, float]]:
        columns, published = metric_value_kwargs["columns"], metric_value_kwargs["published"]
        if execution_engine.execute_query(sa.select(sa.func.to_regclass(published))).scalar() is None:
            return {}
        schema, _, name = published.partition(".")
        here = shares(execution_engine.get_domain_records(domain_kwargs=metric_domain_kwargs), columns, sign=1)
        there = shares(sa.table(name, schema=schema), columns, sign=-1)
        both = sa.union_all(here, there).subquery("both")
        value = (
            sa.select(
                both.c.marginal,
                sa.func.sum(both.c.share).label("moved"),
                sa.func.min(both.c.of_rows).label("rows"),
                sa.func.min(both.c.side).label("there"),
                sa.func.max(both.c.side).label("here"),
            )
            .group_by(both.c.marginal, both.c.value)
            .subquery("value")
        )
        query = (
            sa.select(
                value.c.marginal,
                sa.func.sum(sa.func.abs(value.c.moved)) / 2,
                sa.func.count(),
                sa.func.min(value.c.rows),
            )
            .group_by(value.c.marginal)
            .having(sa.func.min(value.c.there) < sa.func.max(value.c.here))
        )
        # grouping() sets the bit of each column that is not grouped by, the last column's lowest
        masks = {2 ** len(columns) - 1 - 2 ** (len(columns) - 1 - place): name for place, name in enumerate(columns)}
        return {
            masks[marginal]: {"distance": float(distance), "values": values, "rows": int(rows)}
            for marginal, distance, values, rows in execution_engine.execute_query(query)
        }


class ExpectTableMarginalsToBeNearPublished(BatchExpectation):  # type: ignore[misc]
    """Expect each column's shares to be within `max_distance` (0 to 1, total variation) of the published table's.

    What chance moves in so few rows is granted on top. Met where nothing is published yet. Observed are names of
    columns and distances, never a value.
    """

    columns: list[str]
    published: str
    max_distance: float

    metric_dependencies: ClassVar[tuple[str, ...]] = (MARGINALS,)
    success_keys: ClassVar[tuple[str, ...]] = ("columns", "published", "max_distance")
    args_keys: ClassVar[tuple[str, ...]] = ("columns", "published", "max_distance")

    def _validate(
        self,
        metrics: Mapping[str, Any],
        runtime_configuration: Mapping[str, Any] | None = None,  # noqa: ARG002 -- named by the base class
        execution_engine: object = None,  # noqa: ARG002
    ) -> dict[str, Any]:
        moved = metrics[MARGINALS]
        far = [name for name, found in moved.items() if found["distance"] > self.max_distance + chance(found)]
        told = ", ".join(f"{name} by {moved[name]['distance']:.3f}" for name in sorted(moved))
        return {"success": not far, "result": {"observed_value": told or "nothing to compare with is published"}}

    @classmethod
    def _prescriptive_template(cls, renderer_configuration: Untyped) -> Untyped:
        renderer_configuration.add_param(name="columns", param_type=RendererValueType.ARRAY)
        renderer_configuration.add_param(name="published", param_type=RendererValueType.STRING)
        renderer_configuration.add_param(name="max_distance", param_type=RendererValueType.NUMBER)
        renderer_configuration.template_str = (
            "The shares of $columns must be within $max_distance of those of $published, as analysts read it now."
        )
        return renderer_configuration


def shares(table: Untyped, columns: list[str], *, sign: int) -> Untyped:
    """Return a query of each column's values with their share of the rows: (side, marginal, value, share, of_rows)."""
    by = [sa.column(name) for name in columns]
    marginal = sa.func.grouping(*by)
    of_rows = sa.func.sum(sa.func.count()).over(partition_by=marginal)
    return (
        sa.select(
            sa.literal(sign).label("side"),
            marginal.label("marginal"),
            sa.func.coalesce(*(sa.cast(column, sa.Text) for column in by), sa.null()).label("value"),
            (sign * sa.cast(sa.func.count(), sa.Double) / of_rows).label("share"),
            of_rows.label("of_rows"),
        )
        .select_from(table)
        .group_by(sa.func.grouping_sets(*(sa.tuple_(column) for column in by)))
    )


def chance(found: Mapping[str, float]) -> float:
    """Return the distance that chance alone may put between two tables of so many rows and values."""
    return math.sqrt(found["values"] / found["rows"])
