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
    select distinct on (request_id) *
    from checked
    where refusal is null and is_known and (confirmed_at is not null or verified_at is not null)
    order by request_id, verified_at is null, line desc, part desc
) as said
where
    kept.request_id = said.request_id
    and (
        kept.confirmed_at is null and said.confirmed_at is not null
        or kept.verified_at is null and said.verified_at is not null
    )
