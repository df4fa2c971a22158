"""Comments of PostgreSQL that say what each derived column is and how it is tagged, for whoever looks with a client.

dbt drops and makes its relations anew, and their comments go with them: comment after the last of them is built. A
comment on the candidate moves with its table into the release. Only columns are commented, and none of `raw`: what
loads a table owns its comments.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from psycopg import sql

from privacy_governance.explaining import read_tags
from privacy_governance.manifest import COMPILED, quoted
from privacy_governance.publishing import CANDIDATE, RELEASE

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from privacy_governance.tagging import ColumnTag
    from privacy_governance.warehouse import Connection

COMMENTED = ("staging", "intermediate", CANDIDATE, RELEASE)

EXISTING = """
select
    namespace.nspname::text,
    relation.relname::text,
    format('%%I.%%I', namespace.nspname, relation.relname),
    attribute.attname::text,
    col_description(attribute.attrelid, attribute.attnum)
from pg_class as relation
inner join pg_namespace as namespace on relation.relnamespace = namespace.oid
inner join pg_attribute as attribute on relation.oid = attribute.attrelid
where
    namespace.nspname = any(%s)
    and relation.relkind in ('r', 'p', 'v', 'm', 'f')
    and attribute.attnum > 0
    and not attribute.attisdropped
order by 1, 2, attribute.attnum
"""


def comment_columns(connection: Connection, dbt_project: Path) -> int:
    """Comment every derived column that exists with its description and its tag; return how many comments changed.

    A comment that says so already is left as it is, one that somebody else wrote there is replaced. All changes are one
    batch of statements in the caller's transaction.

    Raises:
        WarehouseError: no night has tagged this warehouse yet.

    """
    described = read_descriptions(dbt_project / "target")
    wanted = {(tag.relation, tag.column): comment(tag, described) for tag in read_tags(connection)}
    changes = [
        sql.SQL("comment on column {} is {}").format(sql.Identifier(schema, name, column), sql.Literal(text))
        for schema, name, relation, column, present in connection.execute(EXISTING, [list(COMMENTED)])
        if (text := wanted.get((relation, column), present)) != present
    ]
    if changes:
        connection.execute(sql.SQL("; ").join(changes))
    return len(changes)


def comment(tag: ColumnTag, described: Mapping[tuple[str, str], str]) -> str:
    """Return one line: the description, then in brackets how identifying, of which categories, and from where.

    `Age in years. [quasi: identifiers_general; from raw.users.birthday]`; the source named is the one that the tag's
    path begins with, `govern tags explain` names the others.
    """
    model = (
        f"{CANDIDATE}{tag.relation.removeprefix(RELEASE)}" if tag.relation.startswith(f"{RELEASE}.") else tag.relation
    )
    text = " ".join(described.get((model, tag.column), "").split())
    return f"{text} [{tag_words(tag)}]".lstrip()


def tag_words(tag: ColumnTag) -> str:
    """Return a tag as few words."""
    if tag.tag is None:
        return "tag unknown: must not be published"
    if not tag.tag.identifiability and not tag.tag.categories:
        return "not personal"
    origin = f"; from {tag.path[0]}" if len(tag.path) > 1 else ""
    return f"{tag.tag.identifiability}: {', '.join(sorted(tag.tag.categories))}{origin}"


def read_descriptions(target: Path) -> dict[tuple[str, str], str]:
    """Return what the YAML files say of the models' columns, by relation and column; nothing before dbt compiles."""
    file = target / COMPILED
    if not file.is_file():
        return {}
    return {
        (f"{quoted(node['schema'])}.{quoted(node['alias'])}", column["name"]): column["description"]
        for node in json.loads(file.read_text())["nodes"].values()
        if node["resource_type"] == "model"
        for column in node["columns"].values()
        if column.get("description")
    }
