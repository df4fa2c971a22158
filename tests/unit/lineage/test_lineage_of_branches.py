"""A branch chosen by a column is a coarser copy of it, whatever else that column decides."""

from __future__ import annotations

from privacy_governance.lineage import column_edges

PEOPLE = {"raw.people": {"age": "integer"}}
BANDED = """
with banded as (select case when age < 18 then 'minor' else 'adult' end as band from raw.people),
classed as (select band, count(*) over (partition by band) as size from banded)
select band from classed where size >= 5
"""


def test_a_band_that_is_also_filtered_by_keeps_the_edge_to_what_it_was_made_of():
    edges = column_edges(BANDED, PEOPLE)
    assert {(edge.source_column, edge.output_column, edge.kind) for edge in edges} == {
        ("age", "band", "indirect"),
        ("age", None, "indirect"),
    }
