"""An expectation on the ledger: each receipt follows the one before it."""

from __future__ import annotations

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
CHAIN = "table.chain"
FIRST = "0" * 64  # what the first receipt follows


class TableChain(TableMetricProvider):  # type: ignore[misc] # the wheel has no usable types
    """Rows of a chain, and how many don't follow the row before them, by number or by digest."""

    metric_name = CHAIN
    value_keys = ("number", "digest", "previous_digest")

    @metric_value(engine=SqlAlchemyExecutionEngine)  # type: ignore[untyped-decorator]
    def _sqlalchemy(
        cls,  # noqa: N805 -- Great Expectations makes it a class method
        execution_engine: Untyped,
        metric_domain_kwargs: Mapping[str, Any],
        metric_value_kwargs: Mapping[str, Any],
        metrics: Mapping[str, Any],  # noqa: ARG002 -- named by the base class
        runtime_configuration: Mapping[str, Any],  # noqa: ARG002
    ) -> dict[str, int]:
        table = execution_engine.get_domain_records(domain_kwargs=metric_domain_kwargs)
        number, digest, previous = (sa.column(metric_value_kwargs[key]) for key in cls.value_keys)
        linked = (
            sa.select(
                (number - sa.func.lag(number, 1, 0).over(order_by=number)).label("step"),
                previous.label("previous"),
                sa.func.lag(digest, 1, FIRST).over(order_by=number).label("followed"),
            )
            .select_from(table)
            .subquery("linked")
        )
        breaks = sa.func.count().filter(
            sa.or_(linked.c.step != 1, linked.c.previous.is_distinct_from(linked.c.followed))
        )
        rows, broken = execution_engine.execute_query(sa.select(sa.func.count(), breaks).select_from(linked)).one()
        return {"rows": rows, "broken": broken}


class ExpectTableLedgerChainToBeUnbroken(BatchExpectation):  # type: ignore[misc]
    """Expect rows numbered from 1 without a gap, each with the digest of the row before it; observed are counts.

    Whether a digest is that of its row's content is for `violation_broken_ledger` to say.
    """

    number: str
    digest: str
    previous_digest: str

    metric_dependencies: ClassVar[tuple[str, ...]] = (CHAIN,)
    success_keys: ClassVar[tuple[str, ...]] = ("number", "digest", "previous_digest")
    args_keys: ClassVar[tuple[str, ...]] = ("number", "digest", "previous_digest")

    def _validate(
        self,
        metrics: Mapping[str, Any],
        runtime_configuration: Mapping[str, Any] | None = None,  # noqa: ARG002 -- named by the base class
        execution_engine: object = None,  # noqa: ARG002
    ) -> dict[str, Any]:
        rows, broken = metrics[CHAIN]["rows"], metrics[CHAIN]["broken"]
        observed = f"{broken:,} of {rows:,} rows do not follow the row before"
        return {"success": broken == 0, "result": {"observed_value": observed}}

    @classmethod
    def _prescriptive_template(cls, renderer_configuration: Untyped) -> Untyped:
        for name in ("number", "previous_digest", "digest"):
            renderer_configuration.add_param(name=name, param_type=RendererValueType.STRING)
        renderer_configuration.template_str = (
            "By $number, without a gap, each row's $previous_digest must be the $digest of the row before."
        )
        return renderer_configuration
