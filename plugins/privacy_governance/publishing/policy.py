"""Which policy a release was made under."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

PARTS = ("seeds", "macros", "models")


def policy_digest(dbt_project: Path) -> str:
    """SHA-256 of what the project declares and does: seeds, macros, models and variables, by path and content."""
    files = sorted(file for part in PARTS for file in (dbt_project / part).rglob("*") if file.is_file())
    digest = hashlib.sha256()
    for file in [dbt_project / "dbt_project.yml", *files]:
        content = file.read_bytes()
        digest.update(f"{file.relative_to(dbt_project).as_posix()}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()
