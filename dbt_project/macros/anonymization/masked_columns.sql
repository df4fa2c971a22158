{#-
  The columns that a model may show of its input for a purpose, as masking_rules decided: an allowlist, so that a column
  nobody decided about is not among them. Read while dbt compiles: the compiled SQL is plain, and its lineage is traced
  like any other. Whether each decision is strong enough for its column's tag is violation_unfit_masking, and
  `govern trace --protect` before anything is built.
-#}
{% macro masked_columns(input, purpose) -%}
    {%- set shown = [] -%}
    {%- for rule in masking_decisions(input, purpose) -%}
        {%- do privacy_governance.require_place(rule, input) -%}
        {%- do shown.append(privacy_governance.masked(rule) ~ " as " ~ rule.published_as) -%}
    {%- endfor -%}
    {{ shown | join(",\n        ") }}
{%- endmacro %}

{#- One of those columns, without its name: where another model must make it alike. -#}
{% macro masked_column(input, purpose, published_as) -%}
    {%- set decisions = masking_decisions(input, purpose) -%}
    {%- for rule in decisions if rule.published_as == published_as -%}
        {{ return(privacy_governance.masked(rule)) }}
    {%- endfor -%}
    {%- if execute -%}
        {%- do exceptions.raise_compiler_error(
            "masking_rules.csv publishes no column " ~ published_as ~ " of " ~ input ~ " for " ~ purpose ~ ". Decide about it."
        ) -%}
    {%- endif -%}
    {{ return("null") }}
{%- endmacro %}

{#- What is shown of an input: [{column, action, parameter, published_as, counts_as}], by name. -#}
{% macro masking_decisions(input, purpose) -%}
    {%- set seed = ref("masking_rules") -%}
    {%- if not execute -%}
        {{ return([]) }}
    {%- endif -%}
    {%- if not adapter.get_relation(seed.database, seed.schema, seed.identifier) -%}
        {%- do exceptions.raise_compiler_error(seed ~ " is not built. Build the policy first: dbt build --select resource_type:seed") -%}
    {%- endif -%}
    {%- set found = [] -%}
    {%- for row in run_query("
        select column_name, action, parameter, coalesce(published_as, column_name), counts_as
        from " ~ seed.include(database=false) ~ "
        where purpose = '" ~ purpose ~ "' and input = '" ~ input ~ "' and action <> 'drop'
        order by 4
    ").rows -%}
        {%- do found.append({"column": row[0], "action": row[1], "parameter": row[2], "published_as": row[3], "counts_as": row[4]}) -%}
    {%- endfor -%}
    {%- if not found -%}
        {%- do exceptions.raise_compiler_error(
            "masking_rules.csv publishes nothing of " ~ input ~ " for " ~ purpose ~ ". Decide about its columns."
        ) -%}
    {%- endif -%}
    {{ return(found) }}
{%- endmacro %}

{#- The expression that a decision makes of its column. -#}
{% macro masked(rule) -%}
    {%- set column, action, parameter = rule.column, rule.action, rule.parameter -%}
    {%- if action in ("tokenize", "keep") or (action == "aggregate" and not parameter) -%}
        {{ return(column) }}
    {%- elif action == "band" and parameter -%}
        {{ return(privacy_governance.banded(rule)) }}
    {%- elif action == "coarsen" and parameter in ("day", "week", "month", "quarter", "year") -%}
        {{ return("date_trunc('" ~ parameter ~ "', " ~ column ~ " at time zone 'UTC')::date") }}
    {%- elif action in ("top_code", "aggregate") and parameter | float > 0 -%}
        {{ return("least(" ~ column ~ ", " ~ parameter | float ~ ")") }}
    {%- endif -%}
    {%- do exceptions.raise_compiler_error(
        "masking_rules.csv: " ~ rule.published_as ~ " has action " ~ action ~ " with parameter '" ~ (parameter or "") ~ "'. "
        ~ "coarsen takes day, week, month, quarter or year; band `LABEL < BOUND | … | LABEL | null: LABEL`; top_code a number."
    ) -%}
{%- endmacro %}

{#- `16-24 < 25 | 25 and over | null: unknown` as a CASE; without a label for null, null stays null. -#}
{% macro banded(rule) -%}
    {%- set branches, last = [], namespace(label=none, bound=none) -%}
    {%- for part in rule.parameter.split(" | ") -%}
        {%- set label, _, bound = part.partition(" < ") -%}
        {%- set label = label | trim | replace("'", "''") -%}
        {%- if label.startswith("null: ") -%}
            {%- do branches.insert(0, "when " ~ rule.column ~ " is null then '" ~ label[6:] ~ "'") -%}
        {%- elif bound and last.label is none and (last.bound is none or bound | float > last.bound) -%}
            {%- set last.bound = bound | float -%}
            {%- do branches.append("when " ~ rule.column ~ " < " ~ bound | trim ~ " then '" ~ label ~ "'") -%}
        {%- elif not bound and last.label is none -%}
            {%- set last.label = label -%}
        {%- else -%}
            {%- do exceptions.raise_compiler_error(
                "masking_rules.csv: the bands of " ~ rule.published_as ~ " do not ascend to one last band: " ~ rule.parameter
            ) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- do branches.append("when " ~ rule.column ~ " is not null then '" ~ last.label ~ "'") if last.label is not none -%}
    {{ return("case " ~ branches | join(" ") ~ " end") }}
{%- endmacro %}

{#- What counts for k or l must be named so by the model, and what is only aggregated is shown by no other model. -#}
{% macro require_place(rule, input) -%}
    {%- set meta = model.config.meta if model.config is not mapping else model.config.get("meta", {}) -%}
    {%- set listed = {"quasi_identifier": "quasi_identifiers", "sensitive_attribute": "sensitive_attributes"}.get(rule.counts_as) -%}
    {%- if model.name in released_models() and listed and rule.published_as not in (meta.get(listed) or []) -%}
        {%- do exceptions.raise_compiler_error(
            model.name ~ "." ~ rule.published_as ~ " counts as a " ~ rule.counts_as ~ " in masking_rules.csv, and is not in its config.meta."
            ~ listed ~ ". Add it there: its classes are made of those."
        ) -%}
    {%- elif model.name in released_models() and rule.action == "aggregate" -%}
        {%- do exceptions.raise_compiler_error(
            model.name ~ " has a row a subject, and masking_rules.csv lets " ~ input ~ "." ~ rule.column ~ " be shown in aggregates only."
        ) -%}
    {%- endif -%}
{%- endmacro %}
