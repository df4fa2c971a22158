"""What to do about each reason that a column's origin can't be told."""

from __future__ import annotations

# part of the reason → the fix; the first that fits
REMEDIES = (
    (
        "is not in the schema",
        "Declare the table with its columns: in a dbt project as a source (or run dbt docs generate, which writes "
        "target/catalog.json), beside .sql files in the schema file.",
    ),
    (
        "has no columns in the schema",
        "Declare its columns in YAML, or run dbt docs generate; of a model, resolve its own star first.",
    ),
    (" is ambiguous", "Write the table's name or alias before the column, the schema before the table."),
    ("has no column", "Correct the name, or declare the column where its table is declared."),
    ("no relation in FROM has a column", "Correct the name, or declare the column where its table is declared."),
    ("is no relation of FROM", "Correct the alias."),
    ("model has no SQL to trace", "Declare its result as a source with tagged columns, or write the model in SQL."),
    ("PIVOT", "Write the pivoted columns out: one aggregate with FILTER or CASE each."),
    ("list them after AS", "List the function's columns after AS, with their types."),
    ("may read tables", "Read the tables in the model itself, in place of the function."),
    ("different numbers of columns", "Give the branches the same columns."),
)
OTHERWISE = "Write that part of the model in plainer SQL: name its columns one by one."


def remedy(reason: str) -> str:
    """Return the fix for a reason that lineage gives."""
    return next((fix for part, fix in REMEDIES if part in reason), OTHERWISE)
