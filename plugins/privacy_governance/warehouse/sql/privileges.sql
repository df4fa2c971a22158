-- Every privilege, right and membership that analyst, auditor or PUBLIC holds here beyond what initdb set up, and the
-- statement that takes it away. violation_grant_wider_than_policy holds it to the seed role_policies.
-- PUBLIC is looked at in the governed schemas, in public, on what PostgreSQL itself keeps, and where the two roles may
-- enter a schema: on relations, and on functions that run as their owner. The two roles are looked at everywhere.
create or replace view governance.privileges as
with governed (role_name, role_id) as (
    select rolname::text, oid from pg_roles where rolname in ('analyst', 'auditor')
    union all
    select 'PUBLIC', 0::oid
),

our_schemas (schema_name) as (
    values ('raw'), ('staging'), ('intermediate'), ('research_candidate'), ('research'), ('research_previous'),
    ('governance'), ('audit')
),

entered (schema_name) as (
    select nspname::text
    from pg_namespace
    where nspname <> 'information_schema' and exists (
        select 1 from governed where role_id <> 0 and has_schema_privilege(role_id, pg_namespace.oid, 'USAGE')
    )
),

-- what else stands in research no rule has looked at, and the policy's research.* does not mean it
released (relation_name) as (
    select unnest(relations)
    from governance.releases
    where release_id = (select max(release_id) from governance.releases)
),

objects as (
    select
        'schema' as object_kind,
        nspname::text as schema_name,
        nspname::text as object_name,
        null::text as column_name,
        format('SCHEMA %I', nspname) as target,
        nspowner as owner_id,
        coalesce(nspacl, acldefault('n', nspowner)) as present,
        -- in a database upgraded from before 15, initdb let everybody create in public
        case when nspname = 'public' then null::aclitem [] else initprivs end as initial,
        false as runs_as_owner
    from pg_namespace
    left join pg_init_privs on pg_namespace.oid = objoid and classoid = 'pg_namespace'::regclass
    union all
    select
        case
            when nspname = 'research' and relname not in (select released.relation_name from released)
                then 'unreleased relation'
            else 'relation'
        end,
        nspname::text,
        format('%I.%I', nspname, relname),
        null,
        format('%s %I.%I', case relkind when 'S' then 'SEQUENCE' else 'TABLE' end, nspname, relname),
        relowner,
        coalesce(relacl, acldefault(case relkind when 'S' then 's' else 'r' end::"char", relowner)),
        initprivs,
        false
    from pg_class
    inner join pg_namespace on pg_class.relnamespace = pg_namespace.oid
    left join pg_init_privs on pg_class.oid = objoid and classoid = 'pg_class'::regclass and objsubid = 0
    where relkind in ('r', 'p', 'v', 'm', 'f', 'S')
    union all
    select
        case
            when nspname = 'research' and relname not in (select released.relation_name from released)
                then 'unreleased relation'
            else 'relation'
        end,
        nspname::text,
        format('%I.%I', nspname, relname),
        attname::text,
        format('TABLE %I.%I', nspname, relname),
        relowner,
        attacl,
        initprivs,
        false
    from pg_attribute
    inner join pg_class on attrelid = pg_class.oid
    inner join pg_namespace on pg_class.relnamespace = pg_namespace.oid
    left join pg_init_privs on pg_class.oid = objoid and classoid = 'pg_class'::regclass and attnum = objsubid
    where attacl is not null and not attisdropped
    union all
    select
        'function',
        nspname::text,
        format('%I.%I(%s)', nspname, proname, oidvectortypes(proargtypes)),
        null,
        format('ROUTINE %I.%I(%s)', nspname, proname, oidvectortypes(proargtypes)),
        proowner,
        coalesce(proacl, acldefault('f', proowner)),
        -- PostgreSQL's own functions are for everybody, except those that initdb says otherwise of
        coalesce(
            initprivs,
            case when nspname = 'pg_catalog' then acldefault('f', proowner) end
        ),
        prosecdef
    from pg_proc
    inner join pg_namespace on pg_proc.pronamespace = pg_namespace.oid
    left join pg_init_privs on pg_proc.oid = objoid and classoid = 'pg_proc'::regclass
    union all
    select
        'database',
        null,
        datname::text,
        null,
        format('DATABASE %I', datname),
        datdba,
        coalesce(datacl, acldefault('d', datdba)),
        null,
        false
    from pg_database
    where datname = current_database()
    union all
    select
        'large object',
        null,
        oid::text,
        null,
        format('LARGE OBJECT %s', oid),
        lomowner,
        coalesce(lomacl, acldefault('L', lomowner)),
        null,
        false
    from pg_largeobject_metadata
    union all
    select
        'parameter',
        null,
        parname,
        null,
        format('PARAMETER %s', parname),
        10::oid,
        paracl,
        null,
        false
    from pg_parameter_acl
    union all
    select
        'foreign data wrapper',
        null,
        fdwname::text,
        null,
        format('FOREIGN DATA WRAPPER %I', fdwname),
        fdwowner,
        fdwacl,
        null,
        false
    from pg_foreign_data_wrapper
    union all
    -- what a server's user mapping for PUBLIC may read elsewhere, or here again
    select
        'foreign server',
        null,
        srvname::text,
        null,
        format('FOREIGN SERVER %I', srvname),
        srvowner,
        srvacl,
        null,
        false
    from pg_foreign_server
),

granted as (
    select
        governed.role_name,
        objects.object_kind,
        objects.schema_name,
        objects.object_name,
        objects.column_name,
        held.privilege_type,
        held.is_grantable,
        objects.target
    from objects
    cross join lateral aclexplode(objects.present) as held
    inner join governed on held.grantee = governed.role_id
    where
        held.grantee <> objects.owner_id
        and not exists (
            select 1 from aclexplode(objects.initial) as held_before
            where
                held_before.grantee = held.grantee
                and held_before.privilege_type = held.privilege_type
                and held_before.is_grantable >= held.is_grantable
        )
        and (
            governed.role_name <> 'PUBLIC'
            or objects.schema_name is null
            or objects.schema_name = 'pg_catalog'
            or objects.schema_name in (select our_schemas.schema_name from our_schemas)
            or (objects.schema_name = 'public' and objects.object_kind = 'schema')
            -- a view and such a function read with their owner's rights what those who use them may not; of all other
            -- functions, extensions put hundreds into public
            or (
                objects.schema_name in (select entered.schema_name from entered)
                and (objects.object_kind = 'relation' or objects.runs_as_owner)
            )
        )
),

future as (
    select
        governed.role_name,
        held.privilege_type,
        pg_namespace.nspname::text as schema_name,
        case pg_default_acl.defaclobjtype
            when 'r' then 'TABLES' when 'S' then 'SEQUENCES' when 'f' then 'ROUTINES' when 'T' then 'TYPES'
            when 'n' then 'SCHEMAS' else 'LARGE OBJECTS'
        end as objects,
        pg_get_userbyid(pg_default_acl.defaclrole)::text as maker
    from pg_default_acl
    left join pg_namespace on pg_default_acl.defaclnamespace = pg_namespace.oid
    cross join lateral aclexplode(pg_default_acl.defaclacl) as held
    inner join governed on held.grantee = governed.role_id
    where
        -- a maker's own list repeats what PostgreSQL gives PUBLIC anyway
        not (
            governed.role_name = 'PUBLIC'
            and pg_default_acl.defaclnamespace = 0
            and pg_default_acl.defaclobjtype in ('f', 'T')
        )
        and (
            governed.role_name <> 'PUBLIC'
            or pg_namespace.nspname is null
            or pg_namespace.nspname in (select our_schemas.schema_name from our_schemas)
        )
)

select
    role_name,
    object_kind,
    schema_name,
    object_name,
    column_name,
    privilege_type as privilege,
    -- the nights themselves load and build through temporary tables
    case
        when object_kind = 'database' and privilege_type = 'TEMPORARY'
            then format('GRANT TEMPORARY ON %s TO governance_job; ', target)
        else ''
    end
    || format(
        'REVOKE %s%s ON %s FROM %s;',
        privilege_type,
        coalesce(' (' || quote_ident(column_name) || ')', ''),
        target,
        role_name
    ) as remedy
from granted
union all
select
    role_name,
    object_kind,
    schema_name,
    object_name,
    column_name,
    privilege_type || ' WITH GRANT OPTION',
    format(
        'REVOKE GRANT OPTION FOR %s%s ON %s FROM %s CASCADE;',
        privilege_type,
        coalesce(' (' || quote_ident(column_name) || ')', ''),
        target,
        role_name
    )
from granted
where is_grantable
union all
select
    governed.role_name,
    objects.object_kind,
    objects.schema_name,
    objects.object_name,
    null,
    'OWNERSHIP',
    format('ALTER %s OWNER TO governance_job;', replace(objects.target, 'FOREIGN SERVER ', 'SERVER '))
from objects
inner join governed on objects.owner_id = governed.role_id
where governed.role_id <> 0 and objects.column_name is null
union all
select
    role_name,
    'default privileges',
    schema_name,
    coalesce(schema_name || '.', '') || lower(objects) || ' of ' || maker,
    null,
    privilege_type,
    format(
        'ALTER DEFAULT PRIVILEGES FOR ROLE %I%s REVOKE %s ON %s FROM %s;',
        maker,
        coalesce(' IN SCHEMA ' || quote_ident(schema_name), ''),
        privilege_type,
        objects,
        role_name
    )
from future
union all
select
    governed.role_name,
    'membership',
    null,
    pg_get_userbyid(membership.roleid)::text,
    null,
    'MEMBER',
    -- from version 16 on, a membership is one a grantor
    format(
        'REVOKE %I FROM %s%s;',
        pg_get_userbyid(membership.roleid),
        governed.role_name,
        coalesce(' GRANTED BY ' || quote_ident(grantor.rolname), '')
    )
from pg_auth_members as membership
inner join governed on membership.member = governed.role_id
left join pg_roles as grantor on membership.grantor = grantor.oid
union all
select
    governed.role_name,
    'role',
    null,
    governed.role_name,
    null,
    attribute.keyword,
    format('ALTER ROLE %s NO%s;', governed.role_name, attribute.keyword)
from governed
inner join pg_roles as role on governed.role_id = role.oid
cross join lateral (
    values
    ('SUPERUSER', role.rolsuper),
    ('CREATEROLE', role.rolcreaterole),
    ('CREATEDB', role.rolcreatedb),
    ('REPLICATION', role.rolreplication),
    ('BYPASSRLS', role.rolbypassrls)
) as attribute (keyword, is_set)
where attribute.is_set;
