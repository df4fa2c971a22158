-- What a reader of all releases would learn from the candidate. The members are asked, not the candidate's own SQL.
-- depends_on: {% for model in released_models() %}{{ ref(model) }} {% endfor %}
-- depends_on: {{ source("governance", "release_members") }}
{%- set members = release_base("research_users") %}
{%- set continued = [] %}
{%- for model in released_models() if model != "research_users" and release_base(model) %}
    {%- do continued.append(model) %}
{%- endfor %}
with {% for model in continued %}
{%- set base, columns, class = release_base(model), contract_columns(model), quasi_identifiers(model) %}
-- new rows of what is published already: late rows, or others than were published
added_{{ model }} as (
    select {{ columns | join(", ") }} from {{ ref(model) }}
    except
    select {{ columns | join(", ") }} from {{ base }}
),

lost_{{ model }} as (
    select {{ columns | join(", ") }} from {{ base }}
    except
    select {{ columns | join(", ") }} from {{ ref(model) }}
),

published_{{ model }} as (
    select distinct {{ class | join(", ") }} from {{ base }}
),

standing_{{ model }} as (
    select distinct {{ class | join(", ") }} from {{ ref(model) }}
),
{% endfor %}
differences as (
    {%- if members %}
    -- newcomers who are fewer than k of their class
    select
        'research_candidate.research_users' as relation,
        count(*) as subjects
    from {{ ref("research_users") }} as candidate
    where not exists (
        select 1 from {{ source("governance", "release_members") }} as known
        where known.subject_token = candidate.subject_token
    )
    group by {{ quasi_identifiers("research_users") | join(", ") }}
    having count(*) < {{ var("k") }}
    union all
    -- members who are missing, or not as they were first released, without a withdrawal
    select
        'research_candidate.research_users' as relation,
        count(*) as subjects
    from {{ members }} as base
    inner join {{ source("governance", "release_members") }} as known on base.subject_token = known.subject_token
    left join {{ ref("research_users") }} as candidate on base.subject_token = candidate.subject_token
    where
        known.withdrawn_on is null
        and (
            candidate.subject_token is null
            {%- for column in quasi_identifiers("research_users") %}
            or candidate.{{ column }} is distinct from base.{{ column }}
            {%- endfor %}
        )
    union all
    -- who left, and is back
    select
        'research_candidate.research_users' as relation,
        count(*) as subjects
    from {{ ref("research_users") }} as candidate
    inner join {{ source("governance", "release_members") }} as known on candidate.subject_token = known.subject_token
    where known.withdrawn_on is not null
    union all
    {%- endif %}
    {%- for model in continued %}
    {%- set class = quasi_identifiers(model) %}
    select
        'research_candidate.{{ model }}' as relation,
        count(distinct added.subject_token) as subjects
    from added_{{ model }} as added
    inner join published_{{ model }} as published
        on
            {%- for column in class %}
            added.{{ column }} is not distinct from published.{{ column }}{{ " and" if not loop.last }}
            {%- endfor %}
    union all
    -- rows of who is no member
    select
        'research_candidate.{{ model }}' as relation,
        count(distinct candidate.subject_token) as subjects
    from {{ ref(model) }} as candidate
    where not exists (
        select 1 from {{ ref("research_users") }} as member
        where member.subject_token = candidate.subject_token
    )
    union all
    -- rows that a member lost, though their class stands
    select
        'research_candidate.{{ model }}' as relation,
        count(distinct lost.subject_token) as subjects
    from lost_{{ model }} as lost
    inner join {{ ref("research_users") }} as member on lost.subject_token = member.subject_token
    inner join standing_{{ model }} as standing
        on
            {%- for column in class %}
            lost.{{ column }} is not distinct from standing.{{ column }}{{ " and" if not loop.last }}
            {%- endfor %}
    union all
    {%- endfor %}
    -- what left tonight already, with too few others
    select
        'research_candidate.research_users' as relation,
        withdrawal.withdrawn as subjects
    from {{ source("governance", "release_withdrawals") }} as withdrawal
    where
        withdrawal.night = {{ night() }}
        and (withdrawal.withdrawn < {{ var("k") }} or withdrawal.remaining between 1 and {{ var("k") }} - 1)
),

offenders as (
    select
        relation,
        null as column_name,
        sum(subjects) as offenders,
        relation || ' differs from what was released by ' || sum(subjects) || ' subject(s) whom a comparison singles '
        || 'out. Its model must go on from release_base, and leave departures to int_members__departing.' as finding
    from differences
    where subjects > 0
    group by relation
)

{{ not_excepted("offenders", "violation_release_difference") }}
