"""The statements in sql/ that bring a warehouse to its shape, each file safe to run again."""

from __future__ import annotations

from importlib.resources import files


def script(name: str) -> bytes:
    """Return the text of sql/`name`.sql."""
    return files(__package__).joinpath("sql", f"{name}.sql").read_bytes()
