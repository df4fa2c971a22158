"""Trace the models of a compiled project: SQL becomes column edges, kept from night to night where nothing changed."""

from __future__ import annotations

from privacy_governance.tracing.models import STAR, Edge, TracedModel, relations_of, trace_model
from privacy_governance.tracing.nightly import SCHEMAS, Traced, trace

__all__ = ["SCHEMAS", "STAR", "Edge", "Traced", "TracedModel", "relations_of", "trace", "trace_model"]
