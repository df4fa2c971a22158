"""1,000,000 requests from a file into `raw`, checked, and from there into the ledger with their due dates.

The limit is 60 s for all of it; beside it, COPY of the same file into a table of text, which checks nothing.
Run: python tests/benchmarks/bench_requests.py [REQUESTS]
"""

from __future__ import annotations

import json
import resource
import shutil
import sys
import tempfile
import time
from pathlib import Path

from privacy_governance.keys import Keys
from privacy_governance.requests import take_in
from privacy_governance.requests.submitting import submit
from privacy_governance.settings import CHECKOUT, Settings
from privacy_governance.transformations import Transformations
from privacy_governance.warehouse import Warehouse
from privacy_governance.warehouse.bootstrap import bootstrap
from privacy_governance.warehouse.embedded import embedded_server

LIMIT = 60
HEADER = (
    "request_id,received_at,regulation_type,user_id,email,verified_at,verified_by,verification_method,residency,channel"
)


def write_csv(file: Path, requests: int) -> None:
    """Write requests of which one in a thousand is bad and one in four is not verified."""
    with file.open("w") as out:
        out.write(HEADER + "\n")
        for n in range(requests):
            moment = f"2026-{n % 10 + 1:02}-{n % 28 + 1:02}T{n % 24:02}:{n % 60:02}:00Z"
            kind = "DELETE_ONLY" if n % 3 else "SUPPRESS_WITH_DELETE"
            verified = f"{moment},privacy_desk,email_link" if n % 4 else ",,"
            received = moment if n % 1000 else "soon"
            out.write(f"req-{n},{received},{kind},usr_{n:09x}, Person{n}@Example.com ,{verified},US-CA,web_form\n")


def write_jsonl(file: Path, requests: int) -> None:
    """Write the same as Segment's payloads, of 500 subjects each."""
    with file.open("w") as out:
        for start in range(0, requests, 500):
            ids = [f"usr_{n:09x}" for n in range(start, min(start + 500, requests))]
            out.write(json.dumps({"regulationType": "DELETE_ONLY", "subjectType": "USER_ID", "subjectIds": ids}) + "\n")


def copy_seconds(warehouse: Warehouse, file: Path) -> float:
    """Return how long a plain COPY takes."""
    started = time.monotonic()
    with warehouse.connect("copy") as connection:
        connection.execute(
            "create table copied ({})".format(", ".join(f"{n} text" for n in HEADER.split(","))).encode()
        )
        with connection.cursor().copy(b"copy copied from stdin (format csv, header)") as copy, file.open("rb") as data:
            while block := data.read(1 << 18):
                copy.write(block)
        connection.execute("drop table copied")
    return time.monotonic() - started


def main() -> None:
    """Print seconds, what became of the rows, the share of the limit, and this process's peak of memory."""
    requests = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    folder = Path(tempfile.mkdtemp(prefix="bench-requests-"))
    keys = Keys.derive("a key that only this benchmark uses")
    session = {"timezone": "UTC", "governance.night": "2026-12-01", **keys.session()}
    try:
        for ending, write in ((".csv", write_csv), (".jsonl", write_jsonl)):
            file = folder / f"requests{ending}"
            write(file, requests)
            with embedded_server(folder / f"warehouse{ending}") as url:
                warehouse = Warehouse(url)
                bootstrap(warehouse, fingerprints=keys.fingerprints())
                peer = copy_seconds(warehouse, file) if ending == ".csv" else None
                started = time.monotonic()
                with warehouse.connect("submit", session=session) as connection:
                    first = submit(connection, file)
                submitted = time.monotonic() - started
                settings = Settings(warehouse_url=url, project_dir=CHECKOUT, state_dir=folder / "state")
                models = "+int_privacy_requests__tokenized"
                Transformations(settings, warehouse, session).run("run", models)
                started = time.monotonic()
                with warehouse.connect("take in", session=session) as connection:
                    taken = take_in(connection)
                took = time.monotonic() - started
                started = time.monotonic()
                with warehouse.connect("submit again", session=session) as connection:
                    second = submit(connection, file)
                again = time.monotonic() - started
            print(f"{requests:,} requests, {ending[1:]}, {file.stat().st_size / 1e6:.0f} MB")
            print(f"  submitted in {submitted:.1f} s, taken in and due-dated in {took:.1f} s, again {again:.1f} s")
            print(f"  {(submitted + took) / LIMIT:.2f} of the limit of {LIMIT} s")
            if peer is not None:
                print(f"  plain COPY {peer:.1f} s: submitting takes {submitted / peer:.1f} times as long")
            print(
                f"  {first.read:,} read = {first.kept:,} kept + {first.known:,} known + {len(first.refused):,} refused"
            )
            print(f"  {taken.received:,} in the ledger; again: {second.kept:,} kept, {second.known:,} known")
        print(f"peak of memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
