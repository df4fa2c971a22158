-- Whom holds keep that came after the night resolved its holds.

-- Ids of what is tied to the identifiers that such a hold names. Nobody has told people apart yet, so more is kept than
-- the next night will keep: all links are walked, but for those of an identifier, other than the named, that a crowd of
-- users has. A function, because the planner can't know that there is nearly always none.
create or replace function governance.newly_held_identifiers() returns uuid []
language plpgsql stable parallel safe as $$
begin
    return (
        with recursive named as (
            select found.identifier_id
            from intermediate.int_legal_holds__active as hold
            inner join intermediate.int_identifiers__tokenized as found
                on hold.identifier_kind = found.identifier_kind and hold.identifier = found.identifier
            where not exists (
                select 1 from governance.held_identifiers as known
                where known.hold_id = hold.hold_id and known.identifier_token = found.ledger_token
            )
        ),

        reached as (
            select
                identifier_id,
                0 as level
            from named
            union
            select
                neighbour.identifier_id,
                reached.level + 1
            from reached
            cross join lateral (
                select linked_id as identifier_id from intermediate.int_identifiers__linked
                where identifier_id = reached.identifier_id
                union all
                select identifier_id from intermediate.int_identifiers__linked
                where linked_id = reached.identifier_id
            ) as neighbour
            where
                reached.level < 10
                and (
                    reached.level = 0
                    or (
                        select count(*)
                        from (
                            select from intermediate.int_identifiers__linked
                            where linked_id = reached.identifier_id and identifier_kind = 'user_id'
                            limit 25
                        ) as crowd
                    ) < 25
                )
        )

        select coalesce(array_agg(distinct identifier_id), '{}') from reached
    );
end
$$;
