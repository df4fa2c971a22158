-- a person and what the notice discloses no research of, as they are
select
    email,
    paid
from {{ source("island", "island") }}
