"""The demo's raw layer: a Segment warehouse with hard cases, made in SQL and the same for the same seed."""

from privacy_governance.generation.layer import GeneratedLayer, generate

__all__ = ["GeneratedLayer", "generate"]
