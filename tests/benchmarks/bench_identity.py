"""Identity of 10,000 subjects over 10,000,000 links, all of them together; the limit is 30 s.

Beside it the least that a warehouse can do: one hash join of the asked with all links, in each direction, as often as
there are levels. A night with nothing asked and the planner's account of the widest level are printed too.
Run: python tests/benchmarks/bench_identity.py [LINKS] [SUBJECTS]; about 4 GB of disk while it runs.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from privacy_governance import identity
from privacy_governance.identity import walking
from privacy_governance.keys import Keys
from privacy_governance.warehouse import Warehouse
from privacy_governance.warehouse.bootstrap import bootstrap
from privacy_governance.warehouse.embedded import embedded_server

if TYPE_CHECKING:
    from privacy_governance.warehouse import Connection

LIMIT = 30
KEY = "a key that only benchmarks use"
# a person's links: five browsers, an address, a number, a device, a former id; and every tenth shares one browser
LINKS_A_PERSON = 10

# md5 twice in place of an HMAC: 64 hexadecimal digits, and the benchmark is of the walk
PEOPLE = """
create function pg_temp.token(kind text, n bigint) returns text language sql immutable as
$$ select md5(kind || n) || md5(n || kind) $$;

create function pg_temp.id(kind text, n bigint) returns uuid language sql immutable as
$$ select md5(kind || n)::uuid $$;

create temporary table kinds (name text, kind text, a_person int, is_alias boolean);
insert into kinds values
    ('browser', 'anonymous_id', 5, false), ('mail', 'email', 1, false), ('number', 'phone', 1, false),
    ('device', 'device_id', 1, false), ('former', 'user_id', 1, true);

insert into intermediate.int_identifiers__tokenized (identifier_kind, identifier, ledger_token, identifier_id)
select 'user_id', 'user' || n, pg_temp.token('user', n), pg_temp.id('user', n)
from generate_series(1, %(people)s) as n
union all
select kinds.kind, kinds.name || n, pg_temp.token(kinds.name, n), pg_temp.id(kinds.name, n)
from kinds cross join lateral generate_series(1, kinds.a_person * %(people)s) as n
union all
select 'anonymous_id', 'shared' || n, pg_temp.token('shared', n), pg_temp.id('shared', n)
from generate_series(0, %(people)s / 10) as n;

insert into intermediate.int_identifiers__linked
select
    pg_temp.id('user', 1 + (n - 1) / kinds.a_person), 'user_id', pg_temp.id(kinds.name, n), kinds.kind, kinds.is_alias
from kinds cross join lateral generate_series(1, kinds.a_person * %(people)s) as n
union all
select pg_temp.id('user', n), 'user_id', pg_temp.id('shared', n / 10), 'anonymous_id', false
from generate_series(1, %(people)s) as n;
"""

# rows first, then the constraints and indexes of subjects.sql again: an index by index insert takes an hour
BARE = """
alter table intermediate.int_identifiers__tokenized
    drop constraint int_identifiers__tokenized_pkey,
    drop constraint int_identifiers__tokenized_ledger_token_key,
    drop constraint int_identifiers__tokenized_identifier_id_key;
alter table intermediate.int_identifiers__linked drop constraint int_identifiers__linked_pkey;
drop index intermediate.int_identifiers__linked_back
"""

INDEXED = """
set local maintenance_work_mem = '1GB';
alter table intermediate.int_identifiers__tokenized
    add primary key (identifier_kind, identifier), add unique (ledger_token), add unique (identifier_id);
alter table intermediate.int_identifiers__linked add primary key (identifier_id, linked_id, is_alias);
create index int_identifiers__linked_back
on intermediate.int_identifiers__linked (linked_id) include (identifier_id, identifier_kind, is_alias)
"""

ASKED = """
insert into governance.deletion_requests (
    request_id, regulation_type, subject_token, given_tokens, received_at, confirm_by, due_on, state
)
select
    'req-' || n, 'SUPPRESS_WITH_DELETE', md5('user' || n) || md5(n || 'user'),
    array[md5('user' || n) || md5(n || 'user')], now(), current_date, current_date, 'verified'
from (select distinct 1 + (random() * (%(people)s - 1))::bigint as n from generate_series(1, %(subjects)s * 2)) as drawn
limit %(subjects)s
"""

PEER = """
create temporary table peer as
select request.request_id, link.linked_id
from governance.deletion_requests as request
inner join intermediate.int_identifiers__tokenized as named on request.subject_token = named.ledger_token
inner join intermediate.int_identifiers__linked as link on named.identifier_id = link.identifier_id;
create temporary table peer_back as
select peer.request_id, link.identifier_id
from peer
inner join intermediate.int_identifiers__linked as link on peer.linked_id = link.linked_id;
"""


def seconds(connection: Connection, doing: str) -> float:
    """Return the seconds that a statement takes."""
    started = time.perf_counter()
    connection.execute(doing)
    return time.perf_counter() - started


def processor_seconds(connection: Connection) -> float:
    """Return the processor time that the connection's server process has used; what a busy machine does not stretch."""
    (pid,) = connection.execute("select pg_backend_pid()").fetchone() or (0,)
    user, system = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def main(links: int = 10_000_000, subjects: int = 10_000) -> None:
    """Build the links, resolve, and print a table."""
    people = links // LINKS_A_PERSON
    out = Console()
    # temporary folders are often memory: the data goes beside this run
    with (
        tempfile.TemporaryDirectory(dir=Path.cwd(), ignore_cleanup_errors=True) as folder,
        embedded_server(Path(folder) / "warehouse") as url,
    ):
        measure(Warehouse(url), people, subjects, out)


def measure(warehouse: Warehouse, people: int, subjects: int, out: Console) -> None:
    """Fill the warehouse and take the times."""
    bootstrap(warehouse, fingerprints=Keys.derive(KEY).fingerprints())
    with warehouse.connect("build") as connection:
        connection.execute(
            "create table intermediate.int_legal_holds__active (hold_id text, identifier_kind text, identifier text)"
        )
        started = time.perf_counter()
        connection.execute(BARE)
        for statement in PEOPLE.split(";\n"):
            connection.execute(statement, {"people": people} if "%(people)s" in statement else None)
        connection.execute(INDEXED)
        connection.execute(ASKED, {"people": people, "subjects": subjects})
        (links,) = connection.execute("select count(*) from intermediate.int_identifiers__linked").fetchone() or (0,)
        out.print(f"{links:,} links built in {time.perf_counter() - started:.0f} s")
    with warehouse.connect("vacuum", autocommit=True) as connection:
        connection.execute("vacuum analyze intermediate.int_identifiers__linked")
        connection.execute("vacuum analyze intermediate.int_identifiers__tokenized")
        connection.execute("analyze governance.deletion_requests")
    with warehouse.connect("resolve") as connection:
        started, used = time.perf_counter(), processor_seconds(connection)
        resolved = identity.resolve(connection, "2026-03-01")
        ours, used = time.perf_counter() - started, processor_seconds(connection) - used
        explained = explain(connection)
        connection.rollback()
    with warehouse.connect("peer") as connection:
        peer = seconds(connection, PEER)
        connection.rollback()
        connection.execute("set local enable_nestloop = off; set local enable_indexscan = off")
        scans = seconds(connection, PEER)
        connection.rollback()
        connection.execute("update governance.deletion_requests set state = 'carried out'")
        started = time.perf_counter()
        identity.resolve(connection, "2026-03-02")
        idle = time.perf_counter() - started
        connection.rollback()
    table = Table(title=f"{resolved.requests:,} requests, {resolved.identifiers:,} identifiers, {links:,} links")
    for column in ("", "seconds", "ours / this"):
        table.add_column(column, justify="right")
    table.add_row("ours", f"{ours:.1f}", "")
    table.add_row("of it the processor", f"{used:.1f}", f"{ours / used:.2f}")
    table.add_row("limit", f"{LIMIT:.1f}", f"{ours / LIMIT:.2f}")
    table.add_row("plain joins, two levels, as planned", f"{peer:.1f}", f"{ours / peer:.2f}")
    table.add_row("hash joins over all links", f"{scans:.1f}", f"{ours / scans:.2f}")
    table.add_row("a night without a request", f"{idle:.2f}", "")
    out.print(table)
    out.print(explained)


def explain(connection: Connection) -> str:
    """Return how the planner goes from the named identifiers to their neighbours."""
    connection.execute("truncate reached, arrivals")
    connection.execute(
        "insert into arrivals select inquiry, identifier_id, 'user_id', '{}' from inquiries"
        " inner join intermediate.int_identifiers__tokenized on given_tokens[1] = ledger_token"
    )
    connection.execute(walking.ARRIVE, {"level": 0})
    connection.execute("truncate arrivals")
    connection.execute("analyze reached")
    rows = connection.execute("explain (analyze, buffers, costs off, timing off) " + walking.NEIGHBOURS, {"level": 1})
    return "\n".join(line for (line,) in rows)


if __name__ == "__main__":
    main(*(int(argument.replace("_", "")) for argument in sys.argv[1:]))
