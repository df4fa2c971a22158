-- The list of what was planted. Tests find a case here and look the row up: relation.key_column = key_value.
insert into raw._planted (case_name, relation, key_column, key_value, note, planted_at)
select
    planted.case_name,
    planted.relation,
    planted.key_column,
    planted.key_value,
    planted.note,
    pg_temp.as_of_day() as planted_at
from (
    values
    ('shared_device', 'raw.pages', 'anonymous_id', '5ad0f1ce-0000-4000-8000-000000000001', 'one browser, two people'),
    ('shared_device', 'raw.users', 'id', 'usr_planted_shared_a', 'uses the shared browser'),
    ('shared_device', 'raw.users', 'id', 'usr_planted_shared_b', 'uses the shared browser'),
    ('alias_chain', 'raw.users', 'id', 'usr_planted_alias', 'newest id, the one in the request'),
    ('alias_chain', 'raw.aliases', 'user_id', 'usr_planted_alias_old', 'became usr_planted_alias'),
    ('alias_chain', 'raw.aliases', 'user_id', 'usr_planted_alias_older', 'became usr_planted_alias_old'),
    ('alias_chain', 'raw.aliases', 'previous_id', md5('usr_planted_alias')::uuid::text, 'the browser, before any user id'),
    ('alias_chain', 'raw.pages', 'user_id', 'usr_planted_alias_older', 'page view under the oldest user id'),
    ('three_emails', 'raw.users', 'id', 'usr_planted_emails', 'one person, three addresses; the request names the second'),
    ('three_emails', 'raw.identifies', 'email', 'dora.first.planted@example.com', 'first address'),
    ('three_emails', 'raw.identifies', 'email', 'Dora.Second.Planted@Example.com', 'second address, in mixed case'),
    ('three_emails', 'raw.identifies', 'email', 'dora.third.planted@example.com', 'third address'),
    ('three_emails', 'raw.support_tickets', 'id', 'tkt-planted_emails', 'wrote from the first address, not signed in'),
    ('late_event', 'raw.pages', 'id', 'page-planted_late-late', 'received 44 days after it happened'),
    ('late_event', 'raw.pages', 'id', 'page-planted_delete-late', 'of a person who had asked for deletion before it was received'),
    ('duplicate_event', 'raw.pages', 'id', 'page-planted_duplicate-twice', 'the same message twice'),
    ('duplicate_event', 'raw.feature_used', 'id', 'ftr-planted_duplicate-twice', 'the same message twice'),
    ('duplicate_event', 'raw.tracks', 'id', 'ftr-planted_duplicate-twice', 'the same message twice'),
    ('expired_row', 'raw.users', 'id', 'usr_planted_expired', 'last seen ten years ago'),
    ('expired_row', 'raw.identifies', 'user_id', 'usr_planted_expired', 'ten years old'),
    ('expired_row', 'raw.groups', 'user_id', 'usr_planted_expired', 'ten years old'),
    ('expired_row', 'raw.pages', 'id', 'page-planted_expired-1', 'ten years old'),
    ('expired_row', 'raw.feature_used', 'id', 'ftr-planted_expired-1', 'ten years old'),
    ('expired_row', 'raw.tracks', 'id', 'ftr-planted_expired-1', 'ten years old'),
    ('expired_row', 'raw.payments', 'id', 'pay-planted_expired', 'ten years old'),
    ('expired_row', 'raw.support_tickets', 'id', 'tkt-planted_expired', 'ten years old'),
    ('expired_column', 'raw.pages', 'id', 'page-planted_duplicate-address', '200 days old: loses its address, and stays'),
    ('legal_hold', 'raw.legal_holds', 'user_id', 'usr_planted_hold', 'open hold'),
    ('legal_hold', 'raw.pages', 'id', 'page-planted_hold-old', 'expired, and kept by the hold'),
    ('legal_hold', 'raw.payments', 'id', 'pay-planted_hold', 'expired, and kept by the hold'),
    ('legal_hold', 'raw.support_tickets', 'id', 'tkt-planted_hold', 'expired, and kept by the hold'),
    ('legal_hold', 'raw.privacy_requests', 'request_id', 'req-planted-under-hold', 'verified request of the held person'),
    ('hold_by_address', 'raw.legal_holds', 'hold_id', 'hold-planted-address', 'names an address only, in another spelling'),
    ('hold_by_address', 'raw.identifies', 'id', 'idf-planted_visitor-old', 'expired; the address beside a browser'),
    ('hold_by_address', 'raw.pages', 'id', 'page-planted_visitor-old', 'expired; of that browser, without an address'),
    ('hold_by_address', 'raw.privacy_requests', 'request_id', 'req-planted-visitor-under-hold', 'verified request of the held person'),
    ('ended_legal_hold', 'raw.legal_holds', 'user_id', 'usr_planted_hold_ended', 'ended 30 days before; keeps nothing'),
    ('ended_legal_hold', 'raw.privacy_requests', 'request_id', 'req-planted-ended-hold', 'verified, nothing in its way'),
    ('under_16', 'raw.users', 'id', 'usr_planted_child_9', 'nine years old'),
    ('under_16', 'raw.users', 'id', 'usr_planted_child_15', 'fifteen years old'),
    ('turned_16', 'raw.users', 'id', 'usr_planted_turned_16', 'sixteen on the very night: no longer under 16'),
    ('card_number_in_free_text', 'raw.support_tickets', 'id', 'tkt-planted_card', 'test card number with blanks, in body'),
    ('card_number_in_free_text', 'raw.survey_responses', 'id', 'srv-planted_card', 'test card number with hyphens, in answer'),
    ('national_id_in_custom_trait', 'raw.users', 'id', 'usr_planted_national_id', 'SSN-shaped, never valid, in reference_number'),
    ('national_id_in_custom_trait', 'raw.identifies', 'user_id', 'usr_planted_national_id', 'the same in the identify call'),
    ('marketing_after_opt_out', 'raw.tracks', 'id', 'trk-planted_opted_out-after', 'marketing mail 26 days after the opt-out'),
    ('marketing_before_opt_out', 'raw.tracks', 'id', 'trk-planted_opted_out-before', 'marketing mail 10 days before the opt-out'),
    ('service_message_after_opt_out', 'raw.tracks', 'id', 'trk-planted_opted_out-service', 'service messages go on'),
    ('undeclared_column', 'raw.users', 'favorite_team', 'Planted Rovers', 'no sources YAML declares the column'),
    ('null_identifier', 'raw.pages', 'id', 'page-planted_nobody-null', 'neither user id nor anonymous id'),
    ('null_identifier', 'raw.pages', 'id', 'page-planted_nobody-null_user', 'no user id, on the shared browser'),
    ('empty_identifier', 'raw.pages', 'id', 'page-planted_nobody-empty', 'both ids empty strings'),
    ('empty_identifier', 'raw.pages', 'id', 'page-planted_nobody-blank', 'a user id of blanks'),
    ('empty_identifier', 'raw.users', 'id', '', 'the user row of nobody'),
    ('unicode_name', 'raw.users', 'id', 'usr_planted_unicode_cjk', 'Chinese characters'),
    ('unicode_name', 'raw.users', 'id', 'usr_planted_unicode_rtl', 'written from right to left'),
    ('unicode_name', 'raw.users', 'id', 'usr_planted_unicode_nfd', 'combining marks, not composed'),
    ('unicode_name', 'raw.users', 'id', 'usr_planted_unicode_quote', 'apostrophe, semicolon, a sign beyond 16 bits'),
    ('future_timestamp', 'raw.pages', 'id', 'page-planted_future-2099', 'client clock in 2099'),
    ('future_timestamp', 'raw.pages', 'id', 'page-planted_future-received', 'received 400 days after the night'),
    ('deletion_request', 'raw.privacy_requests', 'request_id', 'req-planted-delete', 'verified; the person has rows in every table'),
    ('deletion_request', 'raw.privacy_requests', 'request_id', 'req-planted-delete-only', 'verified; may return as a new person'),
    ('deletion_request', 'raw.privacy_requests', 'request_id', 'req-planted-alias-chain', 'verified; names the newest of four ids'),
    ('deletion_request', 'raw.privacy_requests', 'request_id', 'req-planted-three-emails', 'verified; names an address no longer current'),
    ('unverified_request', 'raw.privacy_requests', 'request_id', 'req-planted-unverified', 'must not be carried out'),
    ('request_for_unknown_user', 'raw.privacy_requests', 'request_id', 'req-planted-unknown-user', 'verified; no row has the id'),
    ('customers_data_request', 'raw.privacy_requests', 'request_id', 'req-planted-customers-data', 'routed to the customer'),
    ('repeated_request', 'raw.privacy_requests', 'user_id', 'usr_planted_repeated', 'asked twice, in two ways'),
    ('rare_group', 'raw.users', 'id', 'usr_planted_rare', 'alone in country, age band and plan')
) as planted (case_name, relation, key_column, key_value, note);

-- values that must not be seen outside their tables
insert into raw._planted (case_name, relation, key_column, key_value, note, planted_at)
select
    'personal_value' as case_name,
    personal.relation,
    personal.key_column,
    personal.key_value,
    'must not leave its table' as note,
    pg_temp.as_of_day() as planted_at
from (
    select 'raw.users' as relation, 'email' as key_column, email as key_value from raw.users where id like 'usr\_planted\_%'
    union all
    select 'raw.users', 'phone', phone from raw.users where id like 'usr\_planted\_%'
    union all
    select 'raw.users', 'id', id from raw.users where id like 'usr\_planted\_%'
    union all
    select 'raw.users', 'address_street', address_street from raw.users where id like 'usr\_planted\_%'
    union all
    select 'raw.users', 'reference_number', reference_number from raw.users where id like 'usr\_planted\_%'
    union all
    select 'raw.users', 'name', name from raw.users where id like 'usr\_planted\_%'
    union all
    select 'raw.support_tickets', 'body', body from raw.support_tickets where id like 'tkt-planted%'
    union all
    select 'raw.survey_responses', 'answer', answer from raw.survey_responses where id like 'srv-planted%'
    union all
    select 'raw.call_recordings', 'transcript', transcript from raw.call_recordings where id like 'rec-planted%'
) as personal;
