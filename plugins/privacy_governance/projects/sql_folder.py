"""A folder of .sql files, a model a file: its name is the file's, and what it depends on is told by its SQL."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003 - read when it runs
from typing import TYPE_CHECKING

from privacy_governance.errors import DeclarationError, LineageError
from privacy_governance.lineage.names import Tables, folding_of
from privacy_governance.lineage.parsing import parse_query, with_deep_stack
from privacy_governance.manifest import Manifest, Model, Source, dependency_order
from privacy_governance.projects.project import Project, name_of, spelled
from privacy_governance.projects.references import tables_read
from privacy_governance.projects.schema_file import find_schema_file, read_schema_file

if TYPE_CHECKING:
    from collections.abc import Mapping

    from privacy_governance.manifest import Column
    from privacy_governance.projects.project import Name


def read_sql_folder(folder: Path, dialect: str, schema: Path | None) -> Project:
    """Read every .sql file below `folder`; `users.sql` is the model users, `marts.users.sql` the model marts.users.

    Raises:
        DeclarationError: no file, two of one name, no schema file where one was named, or a circle.
        LineageError: a file that doesn't parse; names it and the line.

    """
    files = sorted(folder.rglob("*.sql"))
    if not files:
        raise DeclarationError(f"{folder} holds neither a dbt project nor .sql files. Name the project's folder.")
    schema_file = schema or find_schema_file(folder)
    declared = read_schema_file(schema_file) if schema_file else {}
    tables = {spelled(name_of(table, dialect)): columns for table, columns in declared.items()}
    by_relation: dict[str, Path] = {}
    for file in files:
        relation = spelled(name_of(file.stem, dialect))
        if relation in by_relation:
            raise DeclarationError(f"{by_relation[relation]} and {file} are both the model {relation}. Rename one.")
        if relation in tables:
            raise DeclarationError(f"{file} is the model {relation}, which {schema_file} lists as a table. Rename one.")
        by_relation[relation] = file
    models = {relation: _model(folder, file, relation) for relation, file in by_relation.items()}
    reads = _dependencies(models, tables, dialect)
    order = dependency_order({relation: (on & models.keys()) - {relation} for relation, on in reads.items()})
    return Project(
        folder=folder,
        dialect=dialect,
        manifest=Manifest(
            sources=tuple(Source("schema", table, str(schema_file), {}, columns) for table, columns in tables.items()),
            seeds=(),
            models=tuple(models[relation] for relation in order),
        ),
        catalog={
            table: {name: column.data_type or "" for name, column in columns.items()}
            for table, columns in tables.items()
        },
        opaque={},
        partly_known=(),
        depends_on={},
        reads=reads,
    )


def _model(folder: Path, file: Path, relation: str) -> Model:
    within = file.relative_to(folder)
    try:
        sql = file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise DeclarationError(f"{within} is not UTF-8. Save it as UTF-8.") from None
    if "{{" in sql or "{%" in sql:
        raise DeclarationError(f"{within} is a template, not SQL. Name the folder of its compiled form.")
    return Model(
        name=file.stem,
        relation=relation,
        file=within.as_posix(),
        sql=sql,
        materialization="view",
        folder=within.parts[:-1],
        config={},
        columns={},
        description="",
    )


def _dependencies(
    models: Mapping[str, Model], tables: Mapping[str, Mapping[str, Column]], dialect: str
) -> dict[str, frozenset[str]]:
    """Return the models and tables that each model reads; a name as it stands means before one with a schema."""
    names = models.keys() | tables.keys()
    known = Tables({name: {} for name in names}, folding_of(dialect))
    reads: dict[str, frozenset[str]] = {}
    problems: list[str] = []
    for relation, model in models.items():
        try:
            found = _tables_read(model.sql, dialect)
        except LineageError as error:
            problems.append(f"{model.file}: {error}")
            continue
        reads[relation] = frozenset(
            key for name in found for key in ([spelled(name)] if spelled(name) in names else known.find(name))
        )
    if problems:
        raise LineageError("\n".join(problems))
    return reads


def _tables_read(sql: str, dialect: str) -> set[Name]:
    return with_deep_stack(sql, lambda: tables_read(parse_query(sql, dialect), folding_of(dialect)))
