-- The demo's raw tables: Segment's documented column names, and tables of the business and the privacy desk.
-- `users.favorite_team` is planted: no sources YAML declares it.

create table raw.identifies (
    id text,
    received_at timestamptz,
    sent_at timestamptz,
    original_timestamp timestamptz,
    "timestamp" timestamptz,
    user_id text,
    anonymous_id text,
    context_ip text,
    context_user_agent text,
    context_locale text,
    context_timezone text,
    context_library_name text,
    context_library_version text,
    email text,
    phone text,
    name text,
    first_name text,
    last_name text,
    birthday date,
    gender text,
    title text,
    company_name text,
    company_industry text,
    plan text,
    address_street text,
    address_city text,
    address_state text,
    address_postal_code text,
    address_country text,
    reference_number text,
    marketing_opt_in boolean,
    uuid_ts timestamptz
);

create table raw.users (
    id text,
    received_at timestamptz,
    created_at timestamptz,
    email text,
    phone text,
    name text,
    first_name text,
    last_name text,
    username text,
    avatar text,
    birthday date,
    age integer,
    gender text,
    description text,
    website text,
    title text,
    company_id text,
    company_name text,
    company_industry text,
    company_employee_count integer,
    plan text,
    address_street text,
    address_city text,
    address_state text,
    address_postal_code text,
    address_country text,
    reference_number text,
    preferred_language text,
    marketing_opt_in boolean,
    marketing_opt_out_at timestamptz,
    advertising_opt_in boolean,
    context_campaign_name text,
    context_ip text,
    context_user_agent text,
    context_locale text,
    context_timezone text,
    uuid_ts timestamptz,
    favorite_team text
);

create table raw.groups (
    id text,
    received_at timestamptz,
    sent_at timestamptz,
    original_timestamp timestamptz,
    "timestamp" timestamptz,
    user_id text,
    anonymous_id text,
    context_ip text,
    context_user_agent text,
    context_locale text,
    context_timezone text,
    context_library_name text,
    context_library_version text,
    group_id text,
    name text,
    industry text,
    employees integer,
    plan text,
    uuid_ts timestamptz
);

create table raw.accounts (
    id text,
    received_at timestamptz,
    created_at timestamptz,
    name text,
    industry text,
    employees integer,
    plan text,
    website text,
    address_country text,
    uuid_ts timestamptz
);

create table raw.aliases (
    id text,
    received_at timestamptz,
    sent_at timestamptz,
    original_timestamp timestamptz,
    "timestamp" timestamptz,
    user_id text,
    anonymous_id text,
    context_ip text,
    context_user_agent text,
    context_locale text,
    context_timezone text,
    context_library_name text,
    context_library_version text,
    previous_id text,
    uuid_ts timestamptz
);

create table raw.tracks (
    id text,
    received_at timestamptz,
    sent_at timestamptz,
    original_timestamp timestamptz,
    "timestamp" timestamptz,
    user_id text,
    anonymous_id text,
    context_ip text,
    context_user_agent text,
    context_locale text,
    context_timezone text,
    context_library_name text,
    context_library_version text,
    event text,
    event_text text,
    uuid_ts timestamptz
);

create table raw.pages (
    id text,
    received_at timestamptz,
    sent_at timestamptz,
    original_timestamp timestamptz,
    "timestamp" timestamptz,
    user_id text,
    anonymous_id text,
    context_ip text,
    context_user_agent text,
    context_locale text,
    context_timezone text,
    context_library_name text,
    context_library_version text,
    name text,
    path text,
    referrer text,
    search text,
    title text,
    url text,
    context_campaign_name text,
    context_campaign_source text,
    context_campaign_medium text,
    uuid_ts timestamptz
);

create table raw.screens (
    id text,
    received_at timestamptz,
    sent_at timestamptz,
    original_timestamp timestamptz,
    "timestamp" timestamptz,
    user_id text,
    anonymous_id text,
    context_ip text,
    context_user_agent text,
    context_locale text,
    context_timezone text,
    context_library_name text,
    context_library_version text,
    name text,
    context_app_name text,
    context_app_version text,
    context_device_id text,
    context_device_advertising_id text,
    context_device_ad_tracking_enabled boolean,
    context_device_manufacturer text,
    context_device_model text,
    context_os_name text,
    context_os_version text,
    context_network_carrier text,
    uuid_ts timestamptz
);

create table raw.signed_up (
    id text,
    received_at timestamptz,
    sent_at timestamptz,
    original_timestamp timestamptz,
    "timestamp" timestamptz,
    user_id text,
    anonymous_id text,
    context_ip text,
    context_user_agent text,
    context_locale text,
    context_timezone text,
    context_library_name text,
    context_library_version text,
    event text,
    event_text text,
    plan text,
    signup_method text,
    context_campaign_name text,
    context_campaign_source text,
    context_campaign_medium text,
    uuid_ts timestamptz
);

create table raw.order_completed (
    id text,
    received_at timestamptz,
    sent_at timestamptz,
    original_timestamp timestamptz,
    "timestamp" timestamptz,
    user_id text,
    anonymous_id text,
    context_ip text,
    context_user_agent text,
    context_locale text,
    context_timezone text,
    context_library_name text,
    context_library_version text,
    event text,
    event_text text,
    order_id text,
    product_name text,
    category text,
    quantity integer,
    revenue numeric(12,2),
    currency text,
    coupon text,
    uuid_ts timestamptz
);

create table raw.feature_used (
    id text,
    received_at timestamptz,
    sent_at timestamptz,
    original_timestamp timestamptz,
    "timestamp" timestamptz,
    user_id text,
    anonymous_id text,
    context_ip text,
    context_user_agent text,
    context_locale text,
    context_timezone text,
    context_library_name text,
    context_library_version text,
    event text,
    event_text text,
    feature_name text,
    surface text,
    duration_seconds integer,
    uuid_ts timestamptz
);

create table raw.payments (
    id text,
    user_id text,
    order_id text,
    paid_at timestamptz,
    amount numeric(12,2),
    currency text,
    status text,
    card_brand text,
    card_last4 text,
    billing_name text,
    billing_postal_code text,
    billing_country text,
    processor text,
    processor_token text
);

create table raw.support_tickets (
    id text,
    user_id text,
    opened_at timestamptz,
    closed_at timestamptz,
    channel text,
    requester_email text,
    subject text,
    body text,
    priority text,
    satisfaction_rating integer
);

create table raw.call_recordings (
    id text,
    user_id text,
    started_at timestamptz,
    duration_seconds integer,
    direction text,
    phone_number text,
    recording_url text,
    transcript text,
    consented_at timestamptz
);

create table raw.survey_responses (
    id text,
    user_id text,
    submitted_at timestamptz,
    survey_name text,
    score integer,
    answer text
);

create table raw.inferred_preferences (
    id text,
    user_id text,
    inferred_at timestamptz,
    preference text,
    value text,
    confidence double precision,
    model_version text
);

create table raw.privacy_requests (
    request_id text,
    received_at timestamptz,
    regulation_type text,
    user_id text,
    email text,
    anonymous_id text,
    phone text,
    device_id text,
    customer text,
    residency text,
    confirmed_at timestamptz,
    verified_at timestamptz,
    verified_by text,
    verification_method text,
    agent_proof text,
    channel text,
    status text
);

create table raw.legal_holds (
    hold_id text,
    user_id text,
    anonymous_id text,
    email text,
    phone text,
    device_id text,
    reason text,
    placed_by text,
    starts_on date,
    ends_on date
);

create table raw._planted (
    case_name text,
    relation text,
    key_column text,
    key_value text,
    note text,
    planted_at timestamptz
);
