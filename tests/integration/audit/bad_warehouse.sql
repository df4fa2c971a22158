-- What no project can break: rows and rights. bad_project/ breaks the rest by being traced and tagged; what each rule
-- must list then stands in expected_violations.csv.
alter table raw.users add column shoe_size int, add column hat_size int;
create table raw.island (written_at timestamptz, email text, belief text, paid numeric(12, 2));
insert into raw.island values (timestamptz '2026-02-28', 'writer@island.example', 'planted', 1);
insert into raw.tracks (id, user_id, received_at) select 'late', subject_id, timestamptz '2026-02-28'
from tombstoned_before;
insert into raw.pages (id, user_id, received_at) values ('old', 'nobody', timestamptz '2020-01-01');
insert into research_candidate.research_users
select md5(n::text) || md5(n::text), 'FR', 'free', '25-34', true from generate_series(1, 2) as n;
insert into research_candidate.research_survey_responses
select subject_token, survey_name, date '2025-01-01', score_band, 1 from (
    select subject_token from research_candidate.research_users as person
    where exists (select from intermediate.int_subjects__surviving where research_token = person.subject_token) limit 5
) as answering
cross join (values ('alike', '9 to 10'), ('unlike', '0 to 6')) as answered (survey_name, score_band);
insert into research_candidate.research_weekly_actives values (date '2025-01-06', 'planted', 9, 9);
insert into research_candidate.research_signup_funnel values (date '2024-06-01', 20, 18, 9);
insert into raw.privacy_requests (request_id, received_at, regulation_type, user_id) values
    (' ', timestamptz '2026-02-28', 'DELETE_ONLY', 'nobody'), ('no-moment', null, 'DELETE_ONLY', 'nobody'),
    ('fine', timestamptz '2026-02-28', 'DELETE_ONLY', 'nobody');
insert into raw.privacy_requests (request_id, received_at, regulation_type, user_id, verified_at) values
    ('verified-by-nobody', timestamptz '2026-02-28', 'DELETE_ONLY', 'nobody', timestamptz '2026-02-28');
update governance.deletion_requests set due_on = date '2026-02-28', confirmed_on = null, confirm_by = date '2026-02-28'
where request_id = (select min(request_id) from governance.deletion_requests);
update governance.deletion_requests set due_on = date '2026-03-08'
where request_id = (select max(request_id) from governance.deletion_requests);
insert into raw.call_recordings (id, user_id, started_at, transcript) values
    ('no-card', 'nobody', timestamptz '2026-02-28', 'Order 4111 1111 1111 1112, and 20260228 1234567890123456 20.'),
    ('a-hash', 'nobody', timestamptz '2026-02-28', 'Kept as 9f4111111111111111ab, file 4111111111111111c.ogg.'),
    ('a-card', 'nobody', timestamptz '2026-02-28', 'Order 12; card 4111-1111-1111-1111.');
alter table governance.purge_receipts disable trigger refuse_change;
update governance.purge_receipts set purged_rows = purged_rows + 1 where receipt_id = 1;
delete from governance.purge_receipts
where receipt_id = 3 or receipt_id = (select max(newest_receipt) from governance.ledger_copies);
drop table raw.accounts, raw.aliases cascade;
insert into raw.screens (id, received_at, context_device_advertising_id)
values ('sold', timestamptz '2026-02-28', 'ad');
grant select (email) on raw.users to analyst;
insert into raw.legal_holds (hold_id, user_id, reason, placed_by, starts_on)
values ('forgotten', 'usr_planted_hold', 'Nobody remembers', 'legal', date '2024-02-28');
insert into raw.legal_holds (hold_id, user_id, phone, reason, placed_by, starts_on, ends_on) values
    ('of nobody', ' ', 'none', 'Nobody wrote whom', 'legal', date '2026-02-28', null),
    ('of nobody, over', null, null, 'Nobody wrote whom', 'legal', date '2026-02-01', date '2026-02-27'),
    (' ', 'usr_planted_hold', null, 'Nobody gave it an id', 'legal', date '2026-02-28', null),
    ('begun', null, '+1 (415) 555-0100', 'Nobody wrote since when', 'legal', null, null);
-- released people whose rows did not come with the load; who opted in to advertising stays
delete from raw.users where id ~ '^usr_[0-9a-f]{9}$' and advertising_opt_in is not true;
