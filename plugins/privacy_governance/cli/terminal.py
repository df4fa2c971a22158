"""What all commands print alike: progress lines, one-line complaints, a night's summary."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from privacy_governance.progress import STOPPED

if TYPE_CHECKING:
    from privacy_governance.progress import Progress

out = Console(highlight=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, soft_wrap=True)
# a pipe has no width to fit: what is searched for must stand in one line
PIPED_WIDTH = 200


def complain(message: str) -> None:
    """Print one line to standard error."""
    err.print(f"[bold red]govern:[/] {escape(message)}")


class Progression:
    """Prints each progress line with the seconds since the one before."""

    def __init__(self) -> None:
        self._last = time.time()

    def tell(self, line: Progress) -> None:
        """Print one line."""
        seconds = max(0.0, line.at - self._last)
        self._last = line.at
        stopped = line.message.startswith(STOPPED)
        mark = "[red]✗[/]" if stopped else "[green]✓[/]"
        message = line.message.removeprefix(STOPPED).split("\n")[0]
        out.print(f"  {mark} [bold]{line.step:<10}[/] {escape(message)} [dim]{seconds:.1f} s[/]")


def table(title: str, *headers: str) -> Table:
    """Return an empty table in the look of all tables."""
    made = Table(title=title, title_justify="left", title_style="bold", box=None, pad_edge=False)
    for header in headers:
        made.add_column(header, overflow="fold")
    return made


def print_table(made: Table) -> None:
    """Print a table as wide as the terminal, or wide enough for names in one line where there is none."""
    (out if out.is_terminal else Console(highlight=False, width=PIPED_WIDTH)).print(made)
