"""An expectation on a release: every class of its quasi-identifiers holds k subjects."""

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
CLASSES = "table.classes"


class TableClasses(TableMetricProvider):  # type: ignore[misc] # the wheel has no usable types
    """How many classes a table has, the fewest subjects of one, and how many have fewer than k: one GROUP BY."""

    metric_name = CLASSES
    value_keys = ("quasi_identifiers", "subject", "k")

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
        subjects = sa.func.count(sa.distinct(sa.column(metric_value_kwargs["subject"]))).label("subjects")
        by = [sa.column(name) for name in metric_value_kwargs["quasi_identifiers"]]
        classes = sa.select(subjects).select_from(table).group_by(*by).subquery("classes")
        query = sa.select(
            sa.func.count(),
            sa.func.coalesce(sa.func.min(classes.c.subjects), 0),
            sa.func.count().filter(classes.c.subjects < metric_value_kwargs["k"]),
        ).select_from(classes)
        found, smallest, too_small = execution_engine.execute_query(query).one()
        return {"classes": found, "smallest": smallest, "too_small": too_small}


class ExpectTableClassesToHoldAtLeastK(BatchExpectation):  # type: ignore[misc]
    """Expect each combination of `quasi_identifiers` to be shared by `k` of `subject` or more; observed are counts."""

    quasi_identifiers: list[str]
    subject: str
    k: int

    metric_dependencies: ClassVar[tuple[str, ...]] = (CLASSES,)
    success_keys: ClassVar[tuple[str, ...]] = ("quasi_identifiers", "subject", "k")
    args_keys: ClassVar[tuple[str, ...]] = ("quasi_identifiers", "subject", "k")

    def _validate(
        self,
        metrics: Mapping[str, Any],
        runtime_configuration: Mapping[str, Any] | None = None,  # noqa: ARG002 -- named by the base class
        execution_engine: object = None,  # noqa: ARG002
    ) -> dict[str, Any]:
        found = metrics[CLASSES]
        too_small = f"{found['too_small']:,} of {found['classes']:,} classes too small"
        observed = f"{too_small}; the smallest has {found['smallest']}"
        return {"success": found["too_small"] == 0, "result": {"observed_value": observed}}

    @classmethod
    def _prescriptive_template(cls, renderer_configuration: Untyped) -> Untyped:
        renderer_configuration.add_param(name="quasi_identifiers", param_type=RendererValueType.ARRAY)
        renderer_configuration.add_param(name="k", param_type=RendererValueType.NUMBER)
        renderer_configuration.template_str = "At least $k subjects must share each combination of $quasi_identifiers."
        return renderer_configuration
