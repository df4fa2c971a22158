"""Column lineage: which source columns each output of a query is made of, and which decide it."""

from __future__ import annotations

from privacy_governance.lineage.edges import ColumnEdge, Kind, QueryTrace, Transformation
from privacy_governance.lineage.tracing import column_edges, output_columns, trace_query

__all__ = [
    "ColumnEdge",
    "Kind",
    "QueryTrace",
    "Transformation",
    "column_edges",
    "output_columns",
    "trace_query",
]
