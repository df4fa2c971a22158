-- A request that is known, and since then confirmed or verified.
update raw.privacy_requests as kept
set
    confirmed_at = coalesce(kept.confirmed_at, said.confirmed_at),
    verified_at = coalesce(kept.verified_at, said.verified_at),
    verified_by = case when kept.verified_at is null then said.verified_by else kept.verified_by end,
    verification_method = case
        when kept.verified_at is null then said.verification_method else kept.verification_method
    end,
    agent_proof = coalesce(kept.agent_proof, said.agent_proof),
    status = case when coalesce(kept.verified_at, said.verified_at) is null then kept.status else 'verified' end
from (
    select distinct on (judged.request_id) judged.*
    from judged
    inner join set_aside on judged.line = set_aside.line and judged.part = set_aside.part
    where set_aside.refusal is null and (judged.confirmed_at is not null or judged.verified_at is not null)
    order by judged.request_id, judged.verified_at is null, judged.line desc, judged.part desc
) as said
where
    kept.request_id = said.request_id
    and (
        kept.confirmed_at is null and said.confirmed_at is not null
        or kept.verified_at is null and said.verified_at is not null
    )
