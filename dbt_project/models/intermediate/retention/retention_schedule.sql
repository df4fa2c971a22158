-- The schedule as role auditor reads it, which may not read intermediate: a view reads with its owner's rights, and no
-- condition of a reader's is tried on the rows beneath it.
{{
    config(
        schema="audit",
        grants={"select": ["auditor"]},
        post_hook="alter view {{ this }} set (security_barrier = true)",
    )
}}
select * from {{ ref("int_retention__scheduled") }}
