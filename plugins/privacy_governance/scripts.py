"""SQL that a package keeps in files of its own, in its folder sql/."""

from __future__ import annotations

from importlib.resources import files


def script(package: str, name: str) -> bytes:
    """Return sql/`name`.sql of a package; bytes, which psycopg sends as they are."""
    return files(package).joinpath("sql", f"{name}.sql").read_bytes()
