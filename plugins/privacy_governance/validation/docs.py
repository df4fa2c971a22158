"""What Great Expectations loads, by the names in `great_expectations.yml`, to make Data Docs of this project's pages.

Its own pages fetch styles, scripts and even the index's rows from content networks: without a network they are empty.
It still decides which pages there are, where they lie, and how an expectation reads in words.
"""

from __future__ import annotations

import re
from string import Template
from typing import TYPE_CHECKING, Any

from privacy_governance.pages import Check, Standing, SuiteRun, index_of_runs, page_of_run
from privacy_governance.validation.counting import has_raised, observed
from privacy_governance.validation.outcome import WARNING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Untyped = Any  # the wheel has no usable types
# arguments that say where and how an expectation runs, not what it expects
NOT_EXPECTED = frozenset({"batch_id", "column"})
# the members of a set stand in Great Expectations' words with nothing but a space between them
BETWEEN_MEMBERS = re.compile(r"(?<=_\d)(?P<more>\d*) (?=\$\w+_\d)")
FAILED = "could not be evaluated"


class RunRenderer:
    """Makes the page of one suite's run; in Great Expectations' words a page renderer."""

    def render(self, result: Untyped) -> str:
        """Return the page of a suite's result as HTML."""
        run_id = result.meta["run_id"]
        night = run_id["run_name"] if isinstance(run_id, dict) else run_id.run_name
        depth = "/".join(["validations", *result.suite_name.split("."), "night", "time", "page"])
        run = SuiteRun(night, result.suite_name, _asset(result), _standing_of(result), depth)
        return page_of_run(run, [_check(each) for each in result.results])


class IndexRenderer:
    """Makes the index of all runs.

    Great Expectations hands it only whether a run succeeded; how severe the rest is, is asked of the run's own result.
    """

    def __init__(self, data_context: Untyped) -> None:
        self.data_context = data_context

    def render(self, links: Mapping[str, Any]) -> str:
        """Return the index as HTML."""
        return index_of_runs(
            SuiteRun(
                night=str(link["run_name"]),
                suite=link["expectation_suite_name"],
                relation=link["asset_name"],
                standing=Standing.HELD if link["validation_success"] else _standing_of(self._result(link)),
                href=link["filepath"],
            )
            for link in links.get("validations_links", [])
        )

    def _result(self, link: Mapping[str, Any]) -> Untyped:
        return self.data_context.get_validation_result(
            expectation_suite_name=link["expectation_suite_name"],
            batch_identifier=link["batch_identifier"],
            run_id=link["run_id"],
        )


class WholePage:
    """Hands on what a renderer made: it is HTML already; in Great Expectations' words a view."""

    def render(self, page: str, **_named: object) -> str:
        """Return the page."""
        return page


def _standing_of(result: Untyped) -> Standing:
    """Return what became of a suite: by the most severe of what did not hold."""
    return Standing.HELD if result.success else _unmet(result.get_max_severity_failure())


def _unmet(severity: Untyped) -> Standing:
    """Return what a failure amounts to; without a severity (nothing could be evaluated) it did not hold."""
    return Standing.WARNED if severity is not None and severity.value == WARNING else Standing.UNMET


def _asset(result: Untyped) -> str:
    return str(result.meta["active_batch_definition"]["data_asset_name"])


def _check(result: Untyped) -> Check:
    from great_expectations.render.renderer.inline_renderer import InlineRenderer  # noqa: PLC0415 -- takes seconds

    configuration = result.expectation_config
    contents = {content.name: content for content in InlineRenderer(render_object=result).get_rendered_content()}
    sentence, given = _in_words(contents.get("atomic.prescriptive.summary"), configuration)
    found = FAILED if has_raised(result.exception_info) else observed(configuration.type, result.result)
    return Check(
        column=configuration.kwargs.get("column"),
        sentence=sentence,
        given=given,
        standing=Standing.HELD if result.success else _unmet(configuration.severity),
        observed=None if found is None else str(found),
    )


def _in_words(content: Untyped, configuration: Untyped) -> tuple[str, tuple[tuple[str, str], ...]]:
    """Return an expectation as Great Expectations words it; its type and arguments where it has no words for it."""
    value = getattr(content, "value", None)
    if value is None or not value.template or "kwargs" in (value.params or {}):
        words = configuration.type.removeprefix("expect_").replace("_", " ")
        return f"{words[:1].upper()}{words[1:]}.", tuple(_arguments(configuration.kwargs))
    params = {name: _plain(param["value"]) for name, param in (value.params or {}).items()}
    template = BETWEEN_MEMBERS.sub(r"\g<more>, ", value.template)
    sentence = Template(template).safe_substitute(params).strip()
    return sentence if sentence.endswith(".") else f"{sentence}.", ()


def _arguments(kwargs: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield what is expected, a mapping as one entry a key."""
    for name, value in kwargs.items():
        if name in NOT_EXPECTED:
            continue
        if isinstance(value, dict):
            yield from ((str(key), _plain(inner)) for key, inner in value.items())
        else:
            yield name, _plain(value)


def _plain(value: object) -> str:
    if isinstance(value, (list, tuple)):
        return ", ".join(map(str, value))
    return str(value)
