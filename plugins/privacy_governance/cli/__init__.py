"""The command line: `govern`. Each command is thin; what it does is a module of the package."""

from __future__ import annotations

import signal
import sys
from typing import Annotated

import typer

from privacy_governance.cli import (
    anonymize,
    data,
    demo,
    hold,
    ledger,
    nightly,
    notice,
    prove,
    release,
    report,
    request,
    restore,
    retention,
    review,
    tags,
    trace,
    up,
)  # fmt: skip
from privacy_governance.cli.terminal import complain
from privacy_governance.errors import GovernanceError

app = typer.Typer(
    name="govern",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,  # a pretty traceback shows local variables, and they may hold a row's value
    rich_markup_mode="rich",
    help="Privacy governance for a data warehouse: tag, purge, anonymize, validate, publish, prove.\n\n"
    "Exit codes: 0 done; 1 done, but violations block publishing; 2 cannot run.",
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(asked: bool) -> None:  # noqa: FBT001 -- typer calls it with the option's value
    if asked:
        from importlib.metadata import version

        typer.echo(f"govern {version('privacy-governance')}")
        raise typer.Exit


@app.callback()
def _options(
    *,
    version: Annotated[
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and leave."),
    ] = False,
) -> None:
    """Take the options that stand before a command."""
    del version  # its callback has answered


for module in (
    demo, data, nightly, up, report, request, hold, review, release, anonymize, notice, tags, trace,
    ledger, prove, restore, retention,
):  # fmt: skip
    module.add_to(app)


def main() -> None:
    """Run the command line; one clear line and the error's exit code where it can't go on."""
    # a service manager stops with SIGTERM: children and the embedded server are to be stopped as after Ctrl-C
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        app()
    except GovernanceError as error:
        complain(str(error))
        sys.exit(error.exit_code)
    except SystemExit as leaving:
        # 1 means "violations block publishing" and only an error says so; typer leaves with it when interrupted
        sys.exit(2 if leaving.code == 1 else leaving.code)
