-- A published period of an aggregate never changes: who compares two releases would learn who came or left meanwhile.
-- depends_on: {{ source("governance", "release_closings") }}
-- depends_on: {{ ref("retention_rules") }}
-- depends_on: {{ ref("int_periods__closed") }}
with {% for model, clock in aggregated_models().items() %}
{%- set base, columns = cells_base(model), contract_columns(model) | join(", ") %}
candidate_{{ model }} as (
    select {{ columns }} from {{ ref(model) }}
    where {{ clock }} < coalesce({{ published_until(model) }}, '-infinity')
),
{% if base %}
published_{{ model }} as (
    select {{ columns }} from {{ base }}
    where {{ clock }} >= {{ retention_cutoff("research." ~ model) }}
),
{% endif %}
{%- endfor %}
changes as (
    {% for model in aggregated_models() %}
    {%- set base = cells_base(model) %}
    select 'research_candidate.{{ model }}' as relation, count(*) as cells
    from (
        {%- if base %}
        (
            select * from candidate_{{ model }}
            except all
            select * from published_{{ model }}
        )
        union all
        (
            select * from published_{{ model }}
            except all
            select * from candidate_{{ model }}
        )
        {%- else %}
        select * from candidate_{{ model }}
        {%- endif %}
    ) as changed
    {{ "union all" if not loop.last }}
    {% endfor -%}
),

offenders as (
    select
        relation,
        null as column_name,
        cells as offenders,
        relation || ' differs in ' || cells || ' cell(s) of periods that were published already. Its model must end '
        || 'with standing_cells, and add newly_closed periods only.' as finding
    from changes
    where cells > 0
)

{{ not_excepted("offenders", "violation_changed_aggregate") }}
