"""Loading a delimited file against PostgreSQL's own COPY of the same file into a table that is already typed.

COPY is told the types and checks nothing else; `load` finds them, keeps the file's names and refuses bad
lines by number, so it writes the rows twice. Run: python tests/benchmarks/bench_intake.py [ROWS]
"""

from __future__ import annotations

import random
import resource
import shutil
import sys
import tempfile
import time
from pathlib import Path

from privacy_governance.intake import load_dump
from privacy_governance.warehouse import Warehouse
from privacy_governance.warehouse.embedded import embedded_server

COLUMNS = {
    "id": "text",
    "user_id": "integer",
    "email": "text",
    "order_total": "numeric",
    "is_first": "boolean",
    "ordered_on": "date",
    "received_at": "timestamptz",
    "quantity": "integer",
    "card": "bigint",
    "note": "text",
}


def write_rows(file: Path, rows: int) -> None:
    """Write a made-up orders file of about 130 bytes a row."""
    chance = random.Random(7)
    with file.open("w") as out:
        out.write(",".join(COLUMNS) + "\n")
        for number in range(rows):
            day = f"20{number % 20 + 10}-{number % 12 + 1:02}-{number % 28 + 1:02}"
            out.write(
                f"evt_{number:012x},{chance.randrange(10**6)},user{number % 10**6}@example.com,"
                f"{chance.randrange(10**5) / 100},{'true' if number % 3 else 'false'},{day},"
                f"{day}T{number % 24:02}:{number % 60:02}:{number % 59:02}.123Z,{number % 9},"
                f'{4 * 10**15 + number},"a note, quoted"\n'
            )


def copy_seconds(warehouse: Warehouse, file: Path) -> float:
    """Return how long a plain COPY takes."""
    columns = ", ".join(f"{name} {data_type}" for name, data_type in COLUMNS.items())
    started = time.monotonic()
    with warehouse.connect("copy") as connection:
        connection.execute(f"create table copied ({columns})".encode())
        with (
            connection.cursor().copy(b"copy copied from stdin (format csv, header)") as copy,
            file.open("rb") as data,
        ):
            while block := data.read(1 << 18):
                copy.write(block)
    return time.monotonic() - started


def main() -> None:
    """Print rows, seconds, ratio and this process's peak of memory."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 2_000_000
    folder = Path(tempfile.mkdtemp(prefix="bench-intake-"))
    try:
        dump = folder / "dump"
        dump.mkdir()
        write_rows(dump / "orders.csv", rows)
        size = (dump / "orders.csv").stat().st_size
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        with embedded_server(folder / "warehouse") as url:
            peer = copy_seconds(Warehouse(url), dump / "orders.csv")
            (loaded,) = load_dump(Warehouse(url), dump).loaded
        found = {column.name: column.data_type for column in loaded.columns}
        memory = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
        print(f"{'rows':>12} {'MB':>7} {'load s':>8} {'COPY s':>8} {'ratio':>6} {'memory + MB':>12} types")
        print(
            f"{loaded.rows:>12,} {size / 1e6:>7.0f} {loaded.seconds:>8.1f} {peer:>8.1f} "
            f"{loaded.seconds / peer:>6.2f} {memory:>12.1f} {'as told' if found == COLUMNS else found}"
        )
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
