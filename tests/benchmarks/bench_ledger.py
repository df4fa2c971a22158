"""The ledger over a million receipts: entering, copying and verifying, beside a plain scan with a SHA-256 a row.

The peer reads the same columns in one statement, whose sha256() runs in the server: no chain, no order, no copy, and
it asks the very server that the ledger is to be held to. Run: python tests/benchmarks/bench_ledger.py [RECEIPTS]
"""

from __future__ import annotations

import shutil
import sys
import tempfile
import time
from pathlib import Path

from privacy_governance import ledger
from privacy_governance.ledger.folder import ledger_folder
from privacy_governance.ledger.rows import CONTENT
from privacy_governance.settings import Settings
from privacy_governance.warehouse import Warehouse
from privacy_governance.warehouse.bootstrap import bootstrap
from privacy_governance.warehouse.embedded import embedded_server

NIGHT = 200_000  # receipts of 10,000 subjects in 20 tables
ENTER = """
insert into governance.purge_receipts (
    night, relation, reason, subject_token, request_id, purged_rows, plan_digest
)
select
    date '2026-03-01' + {first} / 200000, 'raw.table_' || n % 20, 'tombstone',
    encode(sha256((n / 20)::text::bytea), 'hex'), 'request-' || n / 20, 1 + n % 9, repeat('a', 64)
from generate_series({first} + 1, {first} + {receipts}) as n
"""
PEER = f"""
select count(*) filter (where digest <> encode(sha256(convert_to({CONTENT}, 'UTF8')), 'hex'))
from governance.purge_receipts
"""


def main() -> None:
    """Print seconds of each, and the ratio to the peer."""
    receipts = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    folder = Path(tempfile.mkdtemp(prefix="bench-ledger-"))
    try:
        settings = Settings(state_dir=folder)
        with embedded_server(folder / "warehouse") as url:
            warehouse = Warehouse(url)
            bootstrap(warehouse, fingerprints={})
            entered = []
            for first in range(0, receipts, NIGHT):
                started = time.monotonic()
                with warehouse.connect("enter receipts") as connection:
                    night = ENTER.format(first=first, receipts=min(NIGHT, receipts - first))
                    connection.execute(night.encode())
                entered.append(time.monotonic() - started)
            started = time.monotonic()
            copied = ledger.copy(warehouse, settings)
            copying = time.monotonic() - started
            verifying, peer = [], []
            for _ in range(3):
                started = time.monotonic()
                verified = ledger.verify(warehouse, ledger_folder(settings))
                verifying.append(time.monotonic() - started)
                started = time.monotonic()
                with warehouse.connect("scan and hash") as connection:
                    connection.execute(PEER.encode())
                peer.append(time.monotonic() - started)
        ours, theirs = sorted(verifying)[1], sorted(peer)[1]
        print(f"{receipts:,} receipts, {copied.lines:,} lines copied, whole: {verified.is_whole}")
        print(f"enter {NIGHT:,} with the trigger: first {entered[0]:.1f} s, last {entered[-1]:.1f} s")
        print(f"copy all {copying:.1f} s")
        print(f"verify, copy included {ours:.1f} s; plain scan and sha256 {theirs:.1f} s; ratio {ours / theirs:.2f}")
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
