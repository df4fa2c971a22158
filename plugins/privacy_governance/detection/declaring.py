"""Suggestions as text that a person completes and pastes into `_<source>__sources.yml`."""

from __future__ import annotations

import re
from itertools import groupby
from typing import TYPE_CHECKING

import yaml

from privacy_governance.detection.kinds import KINDS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from privacy_governance.detection.suggestion import Suggestion

PLAIN = re.compile(r"[A-Za-z_]\w*(?: \w+)*(?:\[\])?", re.ASCII)
ORDER = ("direct", "quasi", "pseudonymous", "aggregate")


def suggested_yaml(suggestions: Iterable[Suggestion], source: str) -> str:
    """Return a dbt sources entry for `source` with one entry per column.

    A column with findings carries the suggested tag and, as comments, the evidence. One without has no tag at
    all, only a comment that asks for a decision: pasted unread it stays untagged, and the gate on tags blocks
    it.
    """
    rows = sorted_by_relation(suggestions)
    lines = [
        "version: 2",
        "",
        "sources:",
        f"  - name: {scalar(source)}",
        f"    tables:{'' if rows else ' []'}",
    ]
    for relation, of_table in groupby(rows, key=lambda row: row.relation):
        lines += [f"      - name: {scalar(bare(relation))}  # {one_line(relation)}", "        columns:"]
        for _, of_column in groupby(of_table, key=lambda row: row.column):
            lines += [f"          {line}" for line in column_entry(list(of_column))]
    return "\n".join(lines) + "\n"


def sorted_by_relation(suggestions: Iterable[Suggestion]) -> list[Suggestion]:
    """Return suggestions in their order, with those of one relation and of one column together."""
    rows = list(suggestions)
    relations = {row.relation: place for place, row in reversed(list(enumerate(rows)))}
    columns = {(row.relation, row.column): place for place, row in reversed(list(enumerate(rows)))}
    return sorted(rows, key=lambda row: (relations[row.relation], columns[row.relation, row.column]))


def column_entry(suggestions: list[Suggestion]) -> list[str]:
    """Return the lines of one column: its name and type, then its tag, or the request for a decision."""
    first = suggestions[0]
    lines = [f"- name: {scalar(first.column)}", f"  data_type: {scalar(first.data_type)}"]
    evidence = first.evidence
    found = [suggestion for suggestion in suggestions if suggestion.is_decided]
    if not found:
        return [
            *lines,
            f"  # decide: nothing found in {evidence.non_null} values of {evidence.sampled} sampled rows.",
            "  # Under config.meta either pi_kind, ccpa_category and identifiability,",
            "  # or ccpa_category: none, identifiability: none and a reason.",
        ]
    sensitive = unique(suggestion.sensitive_kind for suggestion in found)
    identifiers = unique(KINDS[suggestion.kind].identifier for suggestion in found)
    return [
        *lines,
        *(f"  # {account(suggestion)}" for suggestion in found),
        *([f"  # if it is the subject's own: identifier: {identifiers[0]}"] if identifiers else []),
        "  config:",
        "    meta:",
        f"      pi_kind: {one_or_list(unique(suggestion.pi_kind for suggestion in found))}",
        f"      ccpa_category: {one_or_list(unique(suggestion.ccpa_category for suggestion in found))}",
        f"      identifiability: {min((s.identifiability or 'direct' for s in found), key=ORDER.index)}",
        *([f"      sensitive_kind: {one_or_list(sensitive)}"] if sensitive else []),
    ]


def account(suggestion: Suggestion) -> str:
    """Return one line on what was found and how: kind, path, confidence, counts."""
    evidence = suggestion.evidence
    where = f" at {one_line(suggestion.path)}" if suggestion.path else ""
    inside = ", ".join(f"{kind} in {times}" for kind, times in evidence.contains)
    return (
        f"{suggestion.kind}{where}, confidence {suggestion.confidence:.2f}: "
        f"{evidence.matched} of {evidence.non_null} values"
        f"{f' ({inside})' if inside else ''}{', and by name' if evidence.by_name else ''}"
    )


def unique(words: Iterable[str | None]) -> list[str]:
    """Return the words that are there, each once, in order."""
    return list(dict.fromkeys(word for word in words if word))


def one_or_list(words: list[str]) -> str:
    """Return YAML for one word, or for several."""
    return words[0] if len(words) == 1 else f"[{', '.join(words)}]"


def scalar(text: str) -> str:
    """Return `text` as YAML that reads back as the same string: quoted where YAML would misread it."""
    if PLAIN.fullmatch(text) and yaml.safe_load(text) == text:
        return text
    return str(yaml.safe_dump(text, width=10_000, default_style='"')).rstrip("\n")


def bare(relation: str) -> str:
    """Return a relation's own name: without schema, without quotes."""
    name = relation
    if relation.endswith('"'):
        name = (
            relation[relation.rindex('"', 0, -1) :] if '""' not in relation else relation.rsplit('."', maxsplit=1)[-1]
        )
        return name.strip('"').replace('""', '"')
    return name.rsplit(".", 1)[-1]


def one_line(text: str) -> str:
    """Return `text` fit for a comment."""
    return " ".join(text.split())
