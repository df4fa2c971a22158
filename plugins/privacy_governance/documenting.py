"""dbt docs with every column's tag, as one page that needs no server.

dbt's page shows what the manifest says of a column, not the comments that the catalog carries; so the tags are laid
into the page's own copy of the manifest. dbt's target folder is left as it is.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

from privacy_governance.commenting import tag_words
from privacy_governance.errors import StepError
from privacy_governance.manifest import COMPILED, quoted
from privacy_governance.warehouse.connection import session_options

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from privacy_governance.tagging import ColumnTag
    from privacy_governance.transformations import Transformations

GENERATE = ("-c", "from dbt.cli.main import cli; cli()", "docs", "generate", "--no-compile", "--quiet")
MANIFEST = '"MANIFEST.JSON INLINE DATA"'
CATALOG = '"CATALOG.JSON INLINE DATA"'


def write(transformations: Transformations, tags: Iterable[ColumnTag]) -> Path:
    """Let dbt describe the warehouse, lay the tags into what the last night compiled, and return the page.

    Raises:
        StepError: no night compiled the project here, dbt stopped, or its page has no place for the data.

    """
    compiled = transformations.settings.dbt_project / "target" / COMPILED
    if not compiled.is_file():
        raise StepError(f"{compiled} is missing: no night compiled the project. Run govern nightly, then this again.")
    folder = transformations.settings.state / "docs"
    project = str(transformations.settings.dbt_project)
    options = ("--project-dir", project, "--profiles-dir", project, "--target-path", str(folder))
    quiet = ("--log-level", "none", "--log-level-file", "none")
    database = transformations.warehouse.dbt_environment() | {"PGOPTIONS": session_options(transformations.session)}
    done = subprocess.run(  # noqa: S603 -- our interpreter, arguments of ours
        [sys.executable, *GENERATE, *options, *quiet], env=os.environ | database, capture_output=True, check=False
    )
    if done.returncode != 0:
        raise StepError(
            f"dbt docs generate stopped with exit code {done.returncode}. Does govern nightly compile the project?"
        )
    page = (folder / "index.html").read_text()
    if MANIFEST not in page or CATALOG not in page:
        raise StepError(f"{folder / 'index.html'} has no place for the manifest: this dbt makes its page differently.")
    manifest = with_tags(json.loads(compiled.read_text()), tags)
    catalog = json.loads((folder / "catalog.json").read_text())
    written = folder / "tagged.html"
    written.write_text(page.replace(MANIFEST, in_script(manifest)).replace(CATALOG, in_script(catalog)))
    return written


def with_tags(manifest: dict[str, Any], tags: Iterable[ColumnTag]) -> dict[str, Any]:
    """Return the manifest with each column's tag in its description and meta; changes it in place.

    Columns that no YAML names are added, so that they have a tag to show.
    """
    by_relation: dict[str, list[ColumnTag]] = {}
    for tag in tags:
        by_relation.setdefault(tag.relation, []).append(tag)
    for node in (*manifest["nodes"].values(), *manifest["sources"].values()):
        relation = f"{quoted(node['schema'])}.{quoted(node.get('identifier') or node['alias'])}"
        for tag in by_relation.get(relation, ()):
            column = node["columns"].setdefault(tag.column, {"name": tag.column, "description": "", "tags": []})
            column["description"] = f"{column['description']} [{tag_words(tag)}]".lstrip()
            told = {"tag": tag_words(tag), "tag_reason": tag.reason, "tag_path": " → ".join(tag.path[:-1])}
            column["meta"] = (column.get("meta") or {}) | {word: text for word, text in told.items() if text}
    return manifest


def in_script(document: dict[str, Any]) -> str:
    """Return JSON that can stand inside a script of a page: nothing in it ends the script, or keeps it from ending.

    Not only `</script`: after `<!--` and `<script`, the page's own `</script>` would not count.
    """
    return json.dumps(document).replace("<", "\\u003c")
