-- keeps letters that their table lost: no purge reaches them here, and no clock ends them
{{ config(materialized="incremental", unique_key=["written_at", "email"]) }}

select
    written_at,
    email
from {{ source("island", "island") }}
