"""An expectation on a table: it has its declared columns, each of a type that fits.

Great Expectations has it per column only, which costs seconds a night and buries a reader in hundreds of lines.
Importing this module registers it as `expect_table_columns_to_have_types`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from great_expectations.expectations.expectation import BatchExpectation
from great_expectations.render import LegacyRendererType, RenderedStringTemplateContent
from great_expectations.render.renderer.renderer import renderer

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence


class ExpectTableColumnsToHaveTypes(BatchExpectation):  # type: ignore[misc] # the wheel has no usable types
    """Expect each column of `column_types` to be there, with one of its types; other columns are not looked at.

    Types are written as SQLAlchemy writes them: `TEXT`, `NUMERIC(12, 2)`, `TIMESTAMP WITH TIME ZONE`.
    Observed are names and types of columns that differ, never a row.
    """

    column_types: dict[str, list[str]]

    metric_dependencies: ClassVar[tuple[str, ...]] = ("table.column_types",)
    success_keys: ClassVar[tuple[str, ...]] = ("column_types",)
    args_keys: ClassVar[tuple[str, ...]] = ("column_types",)

    def _validate(
        self,
        metrics: Mapping[str, Any],
        runtime_configuration: Mapping[str, Any] | None = None,  # noqa: ARG002 -- named by the base class
        execution_engine: object = None,  # noqa: ARG002
    ) -> dict[str, Any]:
        found = {column["name"]: str(column["type"]) for column in metrics["table.column_types"]}
        differing = list(differences(found, self.column_types))
        observed = f"{len(self.column_types)} columns as declared"
        if differing:
            observed = f"{len(differing)} of {len(self.column_types)} columns differ: {', '.join(differing)}"
        return {"success": not differing, "result": {"observed_value": observed}}

    @classmethod
    @renderer(renderer_type=LegacyRendererType.PRESCRIPTIVE)  # type: ignore[untyped-decorator]
    def _prescriptive_renderer(cls, configuration: Any = None, **_: Any) -> list[Any]:  # noqa: ANN401 -- untyped wheel
        types = configuration.kwargs["column_types"]
        columns = ", ".join(f"{name} ({' or '.join(accepted)})" for name, accepted in types.items())
        template = {"template": "Must have these columns: $columns", "params": {"columns": columns}}
        return [RenderedStringTemplateContent(content_block_type="string_template", string_template=template)]


def differences(found: Mapping[str, str], accepted: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """Yield, for each column that is missing or of another type than accepted, its name and what it is."""
    for name, types in accepted.items():
        if name not in found:
            yield f"{name} is missing"
        elif found[name] not in types:
            yield f"{name} is {found[name]}"
