"""Intake: load a dump that someone else made, a folder of files, into schema `raw`, a file a table."""

from privacy_governance.intake.loading import load_dump
from privacy_governance.intake.outcome import LoadedColumn, LoadedDump, LoadedFile, Refusal

__all__ = ["LoadedColumn", "LoadedDump", "LoadedFile", "Refusal", "load_dump"]
