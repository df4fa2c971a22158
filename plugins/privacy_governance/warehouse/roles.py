"""The roles of the warehouse: analyst, auditor, and governance_job that owns the ledger and the release."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg
from psycopg import sql

from privacy_governance.errors import WarehouseError
from privacy_governance.scripts import script

if TYPE_CHECKING:
    from privacy_governance.warehouse.connection import Connection

JOB_ROLE = "governance_job"
ROLES = ("analyst", "auditor", JOB_ROLE)

# What governance_job owns, not the login of the nights, so that a night can be run by whoever is its member. Views stay
# with the login that makes them, because a view reads its tables with its owner's rights; raw stays with who loads it.
NOT_OWNED = """
with job_schemas as (
    select oid, nspname, nspowner from pg_namespace
    where nspname in ('research_candidate', 'research', 'research_previous', 'governance', 'audit')
)

select pg_has_role(nspowner, 'USAGE'), format('ALTER SCHEMA %%I OWNER TO governance_job;', nspname)
from job_schemas
where nspowner <> %(job)s::regrole
union all
select pg_has_role(relowner, 'USAGE'), format('ALTER TABLE %%I.%%I OWNER TO governance_job;', nspname, relname)
from pg_class
inner join job_schemas on relnamespace = job_schemas.oid
where
    relowner <> %(job)s::regrole
    and (relkind in ('r', 'p') or (relkind = 'v' and nspname = 'governance'))
union all
select
    pg_has_role(proowner, 'USAGE'),
    format(
        'ALTER ROUTINE %%I.%%I(%%s) OWNER TO governance_job;',
        nspname, proname, oidvectortypes(proargtypes)
    )
from pg_proc
inner join job_schemas on pronamespace = job_schemas.oid
where proowner <> %(job)s::regrole
"""


def create_roles(connection: Connection) -> None:
    """Create the roles that are missing, none of which may log in, and make the connected role a member of the job's.

    Roles belong to the whole server: another database's night may make the same one at the same moment.

    Raises:
        WarehouseError: the connected role may not; with every statement that an administrator has to run.

    """
    user, may_create, existing = connection.execute(
        "select current_user::text, rolcreaterole or rolsuper,"
        " array(select rolname::text from pg_roles where rolname = any(%s))"
        " from pg_roles where rolname = current_user",
        [list(ROLES)],
    ).fetchone() or ("", False, [])
    missing = [role for role in ROLES if role not in existing]
    if missing and not may_create:
        needed = [f"CREATE ROLE {role} NOLOGIN;" for role in missing]
        if not is_job(connection):
            needed.append(membership_of(connection, user))
        raise WarehouseError(
            f"roles {', '.join(missing)} do not exist and role {user} may not create them. "
            f"Run as an administrator: {' '.join(needed)}"
        )
    for role in missing:
        try:
            with connection.transaction():
                connection.execute(sql.SQL("create role {} nologin").format(sql.Identifier(role)))
        except (psycopg.errors.DuplicateObject, psycopg.errors.UniqueViolation):
            continue
    _join_job(connection, user)


def keep_rights(connection: Connection) -> None:
    """Grant each role what it may do on what exists, and take back what PostgreSQL grants everybody by default.

    Raises:
        WarehouseError: another role owns what the job has to; with the statements that an administrator has to run.

    """
    connection.execute(script(__package__, "privileges"))
    _own(connection)
    connection.execute(script(__package__, "roles"))


def _own(connection: Connection) -> None:
    found = connection.execute(NOT_OWNED, {"job": JOB_ROLE}).fetchall()
    others = [statement for is_possible, statement in found if not is_possible]
    if others:
        raise WarehouseError(
            f"another role owns {len(others)} of the relations and schemas that {JOB_ROLE} has to own. "
            f"Run as an administrator: {' '.join(others)}"
        )
    for _, statement in found:
        connection.execute(statement.encode())


def is_job(connection: Connection) -> bool:
    """Whether the connected role has the rights of the job's role, as a member that inherits or a superuser."""
    found = connection.execute(
        "select coalesce(bool_or(pg_has_role(oid, 'USAGE')), false) from pg_roles where rolname = %s", [JOB_ROLE]
    ).fetchone()
    return found == (True,)


def membership_of(connection: Connection, user: str) -> str:
    """Return the statement that makes `user` a member of the job's role."""
    return sql.SQL("GRANT {} TO {};").format(sql.Identifier(JOB_ROLE), sql.Identifier(user)).as_string(connection)


def _join_job(connection: Connection, user: str) -> None:
    if is_job(connection):
        return
    statement = membership_of(connection, user)
    try:
        with connection.transaction():
            connection.execute(statement.encode())
    except psycopg.errors.InsufficientPrivilege:
        raise WarehouseError(
            f"role {user} is no member of {JOB_ROLE}, which owns the ledger and the release. "
            f"Run as an administrator: {statement}"
        ) from None
    if not is_job(connection):
        name = sql.Identifier(user).as_string(connection)
        raise WarehouseError(
            f"role {user} is a member of {JOB_ROLE} and does not inherit its rights. "
            f"Run as an administrator: ALTER ROLE {name} INHERIT; REVOKE {JOB_ROLE} FROM {name}; {statement}"
        )
