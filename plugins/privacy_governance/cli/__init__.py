"""The command line: `govern`. Each command is thin; what it does is a module of the package."""

from __future__ import annotations

import sys

import click
import typer

from privacy_governance.cli import data, demo, nightly, report, up
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


def _version(*, asked: bool) -> None:
    if asked:
        from importlib.metadata import version  # noqa: PLC0415 -- only for this one option

        typer.echo(f"govern {version('privacy-governance')}")
        raise typer.Exit


@app.callback()
def _options(
    *,
    version: bool = typer.Option(False, "--version", callback=lambda asked: _version(asked=asked), is_eager=True, help="Print the version."),
) -> None:
    """Take the options that stand before a command."""


for module in (demo, data, nightly, up, report):
    module.add_to(app)


def main() -> None:
    """Run the command line; one clear line and the error's exit code where it can't go on."""
    try:
        app(standalone_mode=False)
    except click.exceptions.Exit as leaving:
        sys.exit(leaving.exit_code)
    except click.ClickException as error:
        error.show()
        sys.exit(2)
    except (click.Abort, KeyboardInterrupt):
        complain("interrupted; run the same command again to go on")
        sys.exit(2)
    except GovernanceError as error:
        complain(str(error))
        sys.exit(error.exit_code)
