"""The ledger's chain and its copy: every edit, gap, reorder and cut is found and named."""

from __future__ import annotations

import json

import pytest

from lib.databases import copy_of, fresh_database
from privacy_governance import ledger
from privacy_governance.errors import WarehouseError
from privacy_governance.ledger import copying, verify
from privacy_governance.ledger.folder import ledger_folder
from privacy_governance.settings import Settings
from privacy_governance.warehouse.bootstrap import bootstrap

SHA = "encode(sha256(n::text::bytea), 'hex')"
REQUESTS = f"""
insert into governance.deletion_requests (
    request_id, regulation_type, subject_token, received_at, confirm_by, due_on, state
)
select 'r' || n, 'SUPPRESS_WITH_DELETE', {SHA}, timestamptz '2026-02-01 12:30:15.123456+01', '2026-02-16',
    '2026-03-18', 'tombstoned'
from generate_series(%(first)s::int, %(last)s::int) as n
"""
TOMBSTONES = f"""
insert into governance.tombstones (identifier_token, identifier_kind, subject_token, request_id, tombstoned_on)
select {SHA}, 'user_id', {SHA}, 'r' || n, '2026-03-01' from generate_series(%(first)s::int, %(last)s::int) as n
"""
RECEIPTS = f"""
insert into governance.purge_receipts (
    night, relation, reason, subject_token, request_id, redacted_columns, purged_rows, plan_digest
)
select '2026-03-01', 'raw."Odd \\ name"', 'tombstone', {SHA}, 'r' || n,
    case when n %% 2 = 0 then array['email', 'a "quoted" one'] end, n, {SHA}
from generate_series(%(first)s::int, %(last)s::int) as n
"""
UNGUARDED = "alter table governance.purge_receipts disable trigger user"
RECHAIN = """
do $$
declare
    each record;
    before text := repeat('0', 64);
begin
    for each in select receipt_id from governance.purge_receipts order by receipt_id loop
        update governance.purge_receipts as receipt set previous_digest = before where receipt_id = each.receipt_id;
        update governance.purge_receipts as receipt set digest = governance.receipt_digest(receipt)
        where receipt_id = each.receipt_id returning digest into before;
    end loop;
end
$$
"""


def run(warehouse, *statements):
    with warehouse.connect("change") as connection:
        for statement in statements:
            connection.execute(statement)


def add(warehouse, first, last):
    with warehouse.connect("add") as connection:
        for statement in (REQUESTS, TOMBSTONES, RECEIPTS):
            connection.execute(statement, {"first": first, "last": last})


@pytest.fixture(scope="module")
def template(server_url):
    with fresh_database(server_url) as warehouse:
        bootstrap(warehouse, fingerprints={})
        add(warehouse, 1, 1005)
        yield warehouse


@pytest.fixture
def copied(server_url, template, tmp_path):
    """A warehouse with 1,005 receipts, more than a block, and their copy."""
    with copy_of(server_url, template) as warehouse:
        settings = Settings(state_dir=tmp_path / "state")
        ledger.copy(warehouse, settings)
        yield warehouse, settings


def findings(warehouse, settings):
    verified = verify(warehouse, ledger_folder(settings))
    assert verified.is_whole == (not verified.findings)
    return [(each.first_receipt, each.last_receipt, each.what.split(":")[0]) for each in verified.findings]


def test_an_untouched_ledger_is_whole_and_compared_receipt_by_receipt(copied):
    warehouse, settings = copied
    verified = verify(warehouse, ledger_folder(settings))
    assert verified.is_whole
    assert (verified.receipts, verified.copied_receipts) == (1005, 1005)


def test_each_line_of_the_copy_is_json_that_says_what_the_row_says(copied):
    _, settings = copied
    (file,) = ledger_folder(settings).glob("*.jsonl")
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    receipts = [line for line in lines if line.get("table") == "purge_receipts"]
    assert [receipt["row"][0] for receipt in receipts] == list(range(1, 1006))
    assert receipts[1]["row"][2] == 'raw."Odd \\ name"'
    assert receipts[1]["row"][6] == ["email", 'a "quoted" one']
    assert len([line for line in lines if line.get("table") == "tombstones"]) == 1005


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        pytest.param(
            ["update governance.purge_receipts set purged_rows = 99 where receipt_id = 7"],
            [(7, 7, "edited")],
            id="an edit",
        ),
        pytest.param(
            ["delete from governance.purge_receipts where receipt_id in (1000, 1001)"],
            [(1000, 1001, "missing")],
            id="a gap across blocks",
        ),
        pytest.param(
            ["delete from governance.purge_receipts where receipt_id = 1"], [(1, 1, "missing")], id="without the first"
        ),
        pytest.param(
            [
                "update governance.purge_receipts set receipt_id = -receipt_id where receipt_id in (4, 5)",
                "update governance.purge_receipts set receipt_id = 9 + receipt_id where receipt_id in (-4, -5)",
            ],
            [
                (4, 5, "edited"),
                (4, 6, "does not follow the receipt before it"),
                (4, 5, "not the receipt that was copied"),
            ],
            id="a reorder",
        ),
        pytest.param(
            ["delete from governance.purge_receipts where receipt_id > 1003"],
            [(1004, 1005, "in the copy and not in the warehouse")],
            id="the end cut off",
        ),
        pytest.param(
            ["delete from governance.purge_receipts where receipt_id > 400"],
            [(401, 1005, "in the copy and not in the warehouse")],
            id="whole blocks cut off",
        ),
        pytest.param(
            ["update governance.purge_receipts set purged_rows = 99 where receipt_id = 1003", RECHAIN],
            [(1003, 1005, "not the receipt that was copied")],
            id="an edit with the chain made anew",
        ),
        pytest.param(
            [
                "update governance.purge_receipts set purged_rows = 99 where receipt_id = 7",
                "create or replace function governance.receipt_digest(receipt governance.purge_receipts) returns text"
                " language sql stable as 'select receipt.digest'",
            ],
            [(7, 7, "edited")],
            id="an edit and a replaced digest function",
        ),
        pytest.param(
            ["delete from governance.tombstones where request_id in ('r3', 'r4')"],
            [(None, None, "governance.tombstones lacks 2 row(s) that the copy holds")],
            id="tombstones taken away",
        ),
    ],
)
def test_what_was_done_to_the_ledger_is_named(copied, statements, expected):
    warehouse, settings = copied
    run(warehouse, UNGUARDED, *statements)
    assert findings(warehouse, settings) == expected


def test_a_ledger_that_was_never_copied_is_verified_by_its_chain_alone(server_url, template, tmp_path):
    with copy_of(server_url, template) as warehouse:
        run(warehouse, UNGUARDED, "update governance.purge_receipts set request_id = 'other' where receipt_id = 1005")
        assert findings(warehouse, Settings(state_dir=tmp_path / "nowhere")) == [(1005, 1005, "edited")]


def test_a_copy_that_is_gone_is_a_finding_because_a_ledger_cut_short_would_pass_without_it(copied):
    warehouse, settings = copied
    run(warehouse, UNGUARDED, "delete from governance.purge_receipts where receipt_id > 400")
    for file in ledger_folder(settings).iterdir():
        file.unlink()
    (found,) = verify(warehouse, ledger_folder(settings)).findings
    assert (found.first_receipt, str(ledger_folder(settings)) in found.what) == (None, True)
    assert "no file of the copy" in found.what
    assert "--ledger" in found.what
    ledger.copy(warehouse, settings)
    assert findings(warehouse, settings) == []


def test_a_copy_adds_only_what_is_new_or_changed(copied):
    warehouse, settings = copied
    assert ledger.copy(warehouse, settings).file is None
    add(warehouse, 1006, 1007)
    run(warehouse, "update governance.deletion_requests set state = 'carried out' where request_id = 'r1'")
    assert ledger.copy(warehouse, settings).lines == 7
    assert len(list(ledger_folder(settings).iterdir())) == 2
    assert verify(warehouse, ledger_folder(settings)).copied_receipts == 1007


def test_an_edited_file_of_the_copy_is_named(copied):
    warehouse, settings = copied
    first = ledger_folder(settings) / "00000001.jsonl"
    first.write_bytes(first.read_bytes().replace(b'"carried out"', b'"tombstoned"').replace(b'"r1"', b'"r0"'))
    assert (None, None, "00000001.jsonl is not the file that the warehouse knows") in findings(warehouse, settings)
    add(warehouse, 1006, 1006)
    with pytest.raises(WarehouseError, match=r"00000001\.jsonl"):
        ledger.copy(warehouse, settings)


@pytest.mark.parametrize("is_committed", [True, False], ids=["after the commit", "before the commit"])
def test_a_copy_killed_at_its_commit_loses_nothing_and_is_no_restored_backup(copied, monkeypatch, is_committed):
    warehouse, settings = copied
    add(warehouse, 1006, 1006)

    def kill(*_, **__):
        raise KeyboardInterrupt

    if is_committed:
        monkeypatch.setattr(copying.folder, "settle", kill)
    else:
        monkeypatch.setattr(copying, "MARK", "select 1 / 0")
    with pytest.raises((KeyboardInterrupt, WarehouseError)):
        ledger.copy(warehouse, settings)
    monkeypatch.undo()
    ledger.require_current(warehouse, settings)
    assert findings(warehouse, settings) == []
    ledger.copy(warehouse, settings)
    verified = verify(warehouse, ledger_folder(settings))
    assert verified.is_whole
    assert verified.copied_receipts == 1006
    assert not list(ledger_folder(settings).glob("*.pending"))


def test_a_first_copy_killed_after_its_commit_is_not_taken_for_lost(server_url, template, tmp_path, monkeypatch):
    settings = Settings(state_dir=tmp_path / "state")

    def kill(*_, **__):
        raise KeyboardInterrupt

    with copy_of(server_url, template) as warehouse:
        monkeypatch.setattr(copying.folder, "settle", kill)
        with pytest.raises(KeyboardInterrupt):
            ledger.copy(warehouse, settings)
        assert findings(warehouse, settings) == []


def test_a_lost_folder_is_begun_anew_with_all_of_the_ledger(copied, tmp_path):
    warehouse, _ = copied
    elsewhere = Settings(state_dir=tmp_path / "elsewhere")
    assert ledger.copy(warehouse, elsewhere).begins
    verified = verify(warehouse, ledger_folder(elsewhere))
    assert verified.is_whole
    assert verified.copied_receipts == 1005


def test_entering_receipts_one_by_one_or_many_at_once_makes_one_chain(copied):
    warehouse, settings = copied
    with warehouse.connect("add with a rolled back part") as connection:
        connection.execute(RECEIPTS, {"first": 1, "last": 2})
        with connection.transaction(force_rollback=True):
            connection.execute(RECEIPTS, {"first": 3, "last": 4})
        connection.execute(RECEIPTS, {"first": 5, "last": 5})
    assert findings(warehouse, settings) == []
    assert verify(warehouse, ledger_folder(settings)).receipts == 1008
