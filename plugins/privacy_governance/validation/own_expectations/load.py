"""Expectations on a night's load: that it came, and that it is about as large as the days before."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar

from great_expectations.compatibility.sqlalchemy import sqlalchemy as sa
from great_expectations.core.suite_parameters import SuiteParameterDict  # noqa: TC002 -- read by pydantic
from great_expectations.execution_engine import SqlAlchemyExecutionEngine
from great_expectations.expectations.expectation import BatchExpectation
from great_expectations.expectations.metrics.metric_provider import metric_value
from great_expectations.expectations.metrics.table_metric_provider import TableMetricProvider
from great_expectations.render.renderer_configuration import RendererValueType

if TYPE_CHECKING:
    from collections.abc import Mapping

Untyped = Any  # the wheel has no usable types
LOAD = "table.load"
DAYS = 28  # before the night's load, by which it is judged
SPREAD = 3  # standard deviations of a Poisson count that chance is granted


class TableLoad(TableMetricProvider):  # type: ignore[misc] # the wheel has no usable types
    """Rows loaded in the day before the night and in the `DAYS` before it, and the newest load's time.

    One statement over the last month of `column` (an index on it serves); only a table without any row of that month
    is asked for its newest as a whole. Later than the night counts for nothing: a clock that runs ahead is no load.
    """

    metric_name = LOAD
    value_keys = ("column", "night")

    @metric_value(engine=SqlAlchemyExecutionEngine)  # type: ignore[untyped-decorator]
    def _sqlalchemy(
        cls,  # noqa: N805 -- Great Expectations makes it a class method
        execution_engine: Untyped,
        metric_domain_kwargs: Mapping[str, Any],
        metric_value_kwargs: Mapping[str, Any],
        metrics: Mapping[str, Any],  # noqa: ARG002 -- named by the base class
        runtime_configuration: Mapping[str, Any],  # noqa: ARG002
    ) -> dict[str, Any]:
        night = datetime.fromisoformat(metric_value_kwargs["night"]).replace(tzinfo=UTC)
        day = night - timedelta(days=1)
        table = execution_engine.get_domain_records(domain_kwargs=metric_domain_kwargs)
        at = sa.column(metric_value_kwargs["column"])
        until = at < night + timedelta(days=1)
        month = (
            sa.select(
                sa.func.count().filter(at >= day, at < night),
                sa.func.count().filter(at < day),
                sa.func.max(at),
            )
            .select_from(table)
            .where(at >= day - timedelta(days=DAYS), until)
        )
        tonight, before, newest = execution_engine.execute_query(month).one()
        if newest is None:
            newest = execution_engine.execute_query(sa.select(sa.func.max(at)).select_from(table).where(until)).scalar()
        silent = None if newest is None else (night.date() - _date(newest)).days
        return {"tonight": tonight, "before": before, "silent_days": silent}


class ExpectTableLoadToBeFresh(BatchExpectation):  # type: ignore[misc]
    """Expect a row to have been loaded within `max_days` before the night; observed are days."""

    column: str
    night: str | SuiteParameterDict
    max_days: int

    metric_dependencies: ClassVar[tuple[str, ...]] = (LOAD,)
    success_keys: ClassVar[tuple[str, ...]] = ("column", "night", "max_days")
    args_keys: ClassVar[tuple[str, ...]] = ("column", "night", "max_days")

    def _validate(
        self,
        metrics: Mapping[str, Any],
        runtime_configuration: Mapping[str, Any] | None = None,  # noqa: ARG002 -- named by the base class
        execution_engine: object = None,  # noqa: ARG002
    ) -> dict[str, Any]:
        silent = metrics[LOAD]["silent_days"]
        observed = (
            "nothing was ever loaded" if silent is None else f"newest load {max(silent, 0)} days before the night"
        )
        return {"success": silent is not None and silent <= self.max_days, "result": {"observed_value": observed}}

    @classmethod
    def _prescriptive_template(cls, renderer_configuration: Untyped) -> Untyped:
        renderer_configuration.add_param(name="column", param_type=RendererValueType.STRING)
        renderer_configuration.add_param(name="max_days", param_type=RendererValueType.NUMBER)
        renderer_configuration.template_str = "By $column, the newest row must be at most $max_days days old."
        return renderer_configuration


class ExpectTableLoadVolumeToBeUsual(BatchExpectation):  # type: ignore[misc]
    """Expect the day before the night to bring about as many rows as a day of the four weeks before it.

    Usual is from mean ÷ `factor` to mean x `factor`, and what chance adds to so small a number. A table without rows
    in those weeks has no usual volume, and meets it. Observed are counts.
    """

    column: str
    night: str | SuiteParameterDict
    factor: float

    metric_dependencies: ClassVar[tuple[str, ...]] = (LOAD,)
    success_keys: ClassVar[tuple[str, ...]] = ("column", "night", "factor")
    args_keys: ClassVar[tuple[str, ...]] = ("column", "night", "factor")

    def _validate(
        self,
        metrics: Mapping[str, Any],
        runtime_configuration: Mapping[str, Any] | None = None,  # noqa: ARG002 -- named by the base class
        execution_engine: object = None,  # noqa: ARG002
    ) -> dict[str, Any]:
        tonight, before = metrics[LOAD]["tonight"], metrics[LOAD]["before"]
        least, most = usual(before / DAYS, self.factor)
        observed = f"{tonight:,} rows; a day of the {DAYS} before had {before / DAYS:,.1f}"
        return {
            "success": before == 0 or least <= tonight <= most,
            "result": {"observed_value": observed},
        }

    @classmethod
    def _prescriptive_template(cls, renderer_configuration: Untyped) -> Untyped:
        renderer_configuration.add_param(name="column", param_type=RendererValueType.STRING)
        renderer_configuration.add_param(name="factor", param_type=RendererValueType.NUMBER)
        renderer_configuration.template_str = (
            "By $column, the day before the night must bring at most $factor times the rows of a usual day, and no"
            " fewer than such a part of them."
        )
        return renderer_configuration


def usual(mean: float, factor: float) -> tuple[float, float]:
    """Return the least and the most rows a day may bring that usually brings `mean`."""
    least, most = mean / factor, mean * factor
    return least - SPREAD * math.sqrt(least), most + SPREAD * math.sqrt(most)


def _date(moment: Untyped) -> Untyped:
    """Return the day of a date or of a time in UTC."""
    return moment.astimezone(UTC).date() if isinstance(moment, datetime) else moment
