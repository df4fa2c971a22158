"""What columns the warehouse has: all, but for those of what a night works with."""

from __future__ import annotations

from privacy_governance.warehouse.catalog import columns_in

# the last three have the same endings where no night leaves such a table
TABLES = """
create schema research_candidate;
create schema intermediate;
create schema raw;
create table research_candidate.research_events (subject_token text);
create table research_candidate.research_events__closed (subject_token text);
create view research_candidate.research_events__before as table research_candidate.research_events;
create table intermediate.int_tracks__doomed (owner text);
create table intermediate.int_tracks__doomed_groups (subject_token text);
create table intermediate.int_identifiers__held_now (identifier text);
create table intermediate.int_columns__unread_now (relation text);
create table intermediate.honoured_exceptions_now (request_id text);
create table raw.accounts__closed (email text);
create table intermediate.int_accounts__closed (email text);
create table intermediate.int_accounts__held_now (email text)
"""


def test_what_a_night_works_with_is_no_relation_to_declare_and_anybody_else_s_table_is(warehouse):
    with warehouse.connect("look at the columns") as connection:
        connection.execute(TABLES)
        found = columns_in(connection, ["research_candidate", "intermediate", "raw"])
        connection.rollback()
    assert set(found) == {
        "research_candidate.research_events",
        "intermediate.int_tracks__doomed",
        "raw.accounts__closed",
        "intermediate.int_accounts__closed",
        "intermediate.int_accounts__held_now",
    }
