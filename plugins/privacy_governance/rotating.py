"""Token periods in the warehouse: tokens follow the salt, and end with it.

A rotation goes in two moves, because a deletion must find its rows in the standing release until another replaces it.
First every subject gets a token of the new salt, and the warehouse keeps, for the members of the standing release
only, which token replaces which. With the first release of the new period that list, the previous release and the old
salt are destroyed. `governance.key_periods` says when.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from psycopg import sql

from privacy_governance import salts
from privacy_governance.errors import PublishingBlockedError, SettingsError
from privacy_governance.publishing.contents import CANDIDATE, drop_all

if TYPE_CHECKING:
    from datetime import date

    from privacy_governance.keys import Keys
    from privacy_governance.settings import Settings
    from privacy_governance.warehouse import Connection, Warehouse

# as the macro keyed_token writes it: the key is in the session, never in the statement
KEYED = """
encode(sha256(
    decode(current_setting('governance.research_opad'), 'hex')
    || sha256(decode(current_setting('governance.research_ipad'), 'hex') || convert_to(subject_id, 'UTF8'))
), 'hex')
"""

RENEW = """
create temporary table renewed on commit drop as
select {columns}, research_token as former_token from intermediate.int_subjects__tokenized;

update renewed set research_token = {token};

-- rotated again before a publish: the standing release still holds the tokens of before
update governance.former_research_tokens as former
set research_token = renewed.research_token
from renewed
where former.research_token = renewed.former_token;

insert into governance.former_research_tokens (former_token, research_token)
select renewed.former_token, renewed.research_token
from renewed
inner join governance.release_members as member on renewed.former_token = member.subject_token;

-- not updated in place: a dead row would hold its old token until vacuum
truncate intermediate.int_subjects__tokenized;
insert into intermediate.int_subjects__tokenized ({columns}) select {columns} from renewed;
"""

BEGIN = """
insert into governance.key_periods (period, began_on, fingerprint, kept_in)
select coalesce(max(period), 0) + 1, %s, %s, %s from governance.key_periods
"""


def follow(warehouse: Warehouse, settings: Settings, keys: Keys, *, night: date) -> bool:
    """Make the warehouse's tokens those of `keys`, in one transaction; return whether a period began.

    Raises:
        SettingsError: there is no salt, or it is one whose period is over.

    """
    with warehouse.connect("follow the token period", session=keys.session()) as connection:
        connection.execute("lock table governance.key_periods in share row exclusive mode")
        known = connection.execute("select fingerprint from governance.key_periods order by period desc").fetchall()
        if known[:1] == [(keys.period_fingerprint,)]:
            return False
        if (keys.period_fingerprint,) in known:
            raise SettingsError(
                "the salt is one of a token period that is over. Put a new one into GOVERN_RESEARCH_SALT "
                "(openssl rand -hex 32): tokens that were retired must not be made again."
            )
        _renew(connection)
        connection.execute(BEGIN, [night, keys.period_fingerprint, salts.place(settings)])
    return True


def _renew(connection: Connection) -> None:
    names = connection.execute(
        "select attname::text from pg_attribute where attrelid = 'intermediate.int_subjects__tokenized'::regclass"
        " and attnum > 0 and not attisdropped order by attnum"
    ).fetchall()
    columns = sql.SQL(", ").join(sql.Identifier(name) for (name,) in names)
    connection.execute(sql.SQL(RENEW).format(columns=columns, token=sql.SQL(KEYED)))
    # a candidate built with the old tokens is not to be published
    drop_all(connection, CANDIDATE)


def require_current(connection: Connection, settings: Settings, *, night: date) -> None:
    """Hold publishing where the environment's salt has outlived its period.

    Raises:
        PublishingBlockedError: it has; says what to do.

    """
    newest = connection.execute(
        "select began_on, kept_in from governance.key_periods order by period desc limit 1"
    ).fetchone()
    if newest is None:
        return
    began_on, kept_in = newest
    if kept_in == "environment" and began_on < salts.period_start(night, settings.token_period_months):
        raise PublishingBlockedError(
            f"the token period that began on {began_on} is over. Put a new secret into GOVERN_RESEARCH_SALT "
            "(openssl rand -hex 32), destroy the old one where it is kept, and run the night again."
        )


def destroy_former(warehouse: Warehouse, settings: Settings) -> int:
    """Destroy the salts of former periods, once a release of the newest one is published; return how many."""
    with warehouse.connect("destroy former salts") as connection:
        (is_published,) = connection.execute(
            "select (select max(period) from governance.releases where kind = 'publish')"
            " = (select max(period) from governance.key_periods)"
        ).fetchone() or (False,)
        if not is_published:
            return 0
        destroyed = salts.destroy_former(settings)
        connection.execute(
            "update governance.key_periods set destroyed_at = now()"
            " where kept_in = 'file' and destroyed_at is null"
            " and period < (select max(period) from governance.key_periods)"
        )
    return destroyed
