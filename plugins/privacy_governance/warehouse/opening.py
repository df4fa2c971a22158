"""Open the warehouse that the settings name: a server given by URL, or the embedded one."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import psycopg
from psycopg.conninfo import conninfo_to_dict

from privacy_governance.errors import WarehouseError
from privacy_governance.warehouse.connection import MINIMUM_VERSION, Warehouse
from privacy_governance.warehouse.embedded import embedded_server

if TYPE_CHECKING:
    from collections.abc import Iterator

    from privacy_governance.settings import Settings

# raw tables whose policies hide rows from the connected role, each with what ends that
VEILED = """
select
    format('%I.%I', nspname, relname),
    case
        when relforcerowsecurity then format('ALTER ROLE %I BYPASSRLS;', current_user)
        else format('GRANT %I TO %I;', pg_get_userbyid(relowner), current_user)
    end
from pg_class inner join pg_namespace on relnamespace = pg_namespace.oid
where nspname = 'raw' and relkind in ('r', 'p') and row_security_active(pg_class.oid)
order by 1
"""


@contextmanager
def open_warehouse(settings: Settings) -> Iterator[Warehouse]:
    """Yield a warehouse that a night can run on; an embedded server is stopped when its last user leaves.

    Raises:
        WarehouseError: unreachable, wrong password, older than PostgreSQL 15, read-only, no right to create schemas, or
            row security hides rows of raw.

    """
    if settings.warehouse_url is not None:
        warehouse = Warehouse(settings.warehouse_url.get_secret_value())
        check(warehouse)
        yield warehouse
        return
    with embedded_server(settings.embedded_data) as url:
        yield Warehouse(url)


def check(warehouse: Warehouse) -> None:
    """Refuse a server on which a night would stop half-way.

    Raises:
        WarehouseError: with the fix, before anything was written.

    """
    try:
        conninfo_to_dict(warehouse.url)
    except psycopg.ProgrammingError:  # its text may quote the password
        raise WarehouseError(
            "WAREHOUSE_URL can't be read. Write postgresql://user:password@host:port/database, and what is no letter "
            "or digit of the password in percent: %40 is @, %25 is %."
        ) from None
    with warehouse.connect("open the warehouse") as connection:
        version, name, read_only, user, database, may_create = connection.execute(
            """
            select current_setting('server_version_num')::int,
                   current_setting('server_version'),
                   pg_is_in_recovery() or current_setting('default_transaction_read_only')::bool,
                   current_user,
                   current_database(),
                   has_database_privilege(current_database(), 'CREATE')
            """
        ).fetchone() or (0, "", True, "", "", False)
        veiled = dict(connection.execute(VEILED).fetchall())
    if version < MINIMUM_VERSION:
        raise WarehouseError(f"the warehouse runs PostgreSQL {name}; 15 or newer is needed. Upgrade it or use another.")
    if read_only:
        raise WarehouseError(
            f"the warehouse is read-only for role {user} (a standby, or default_transaction_read_only). "
            "Point WAREHOUSE_URL at the primary with a role that may write."
        )
    if not may_create:
        raise WarehouseError(
            f"role {user} may not create schemas in {database}. "
            f"Run as its owner: GRANT CREATE ON DATABASE {database} TO {user};"
        )
    if veiled:
        raise WarehouseError(
            f"row security hides rows of {', '.join(veiled)} from role {user}: they would never be purged. "
            f"Run as an administrator: {' '.join(dict.fromkeys(veiled.values()))}"
        )
