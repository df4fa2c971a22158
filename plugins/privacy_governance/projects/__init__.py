"""Somebody else's project, read without a warehouse: its columns traced, and held to what it must not expose."""

from __future__ import annotations

from privacy_governance.projects.exposure import Exposure, exposed
from privacy_governance.projects.project import Project
from privacy_governance.projects.reading import read_project
from privacy_governance.projects.tracing import ProjectTrace, TracedRelation, Unresolved, trace_project

__all__ = [
    "Exposure",
    "Project",
    "ProjectTrace",
    "TracedRelation",
    "Unresolved",
    "exposed",
    "read_project",
    "trace_project",
]
