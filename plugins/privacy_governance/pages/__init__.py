"""Pages around the nights' reports: the index of nights, Data Docs, and which file may be served."""

from privacy_governance.pages.docs import Check, Standing, SuiteRun, index_of_runs, page_of_run
from privacy_governance.pages.nights import NightEntry, page_of_nights, read_nights
from privacy_governance.pages.serving import docs_file, docs_site, media_type, night_file

__all__ = [
    "Check",
    "NightEntry",
    "Standing",
    "SuiteRun",
    "docs_file",
    "docs_site",
    "index_of_runs",
    "media_type",
    "night_file",
    "page_of_nights",
    "page_of_run",
    "read_nights",
]
