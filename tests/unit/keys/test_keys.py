"""One secret, a key per purpose."""

from __future__ import annotations

import hashlib
import hmac
import stat

import pytest

from privacy_governance.errors import SettingsError
from privacy_governance.keys import Keys, key_file, make_key, read_keys
from privacy_governance.settings import Settings

SECRET = "a secret that is long enough"  # noqa: S105 - of this test
SALT = "a salt that is long enough"


def pads_give(keys, purpose, message):
    session = keys.session()
    ipad = bytes.fromhex(session[f"governance.{purpose}_ipad"])
    opad = bytes.fromhex(session[f"governance.{purpose}_opad"])
    return hashlib.sha256(opad + hashlib.sha256(ipad + message.encode()).digest()).hexdigest()


def test_two_sha256_with_the_session_s_pads_are_hmac():
    keys = Keys.derive(SECRET)
    expected = hmac.new(keys.by_purpose["ledger"], b"user-1", hashlib.sha256).hexdigest()
    assert pads_give(keys, "ledger", "user-1") == expected == keys.token("ledger", "user-1")


def test_tokens_of_two_purposes_can_not_be_joined():
    keys = Keys.derive(SECRET, salt=SALT)
    assert keys.token("ledger", "user-1") != keys.token("research", "user-1")


def test_tokens_of_two_periods_can_not_be_joined_and_those_of_the_ledger_stay():
    first, second = Keys.derive(SECRET, salt=SALT), Keys.derive(SECRET, salt="the salt of the next period")
    assert first.token("research", "user-1") != second.token("research", "user-1")
    assert first.period_fingerprint != second.period_fingerprint
    assert first.token("ledger", "user-1") == second.token("ledger", "user-1")
    assert first.fingerprints() == second.fingerprints()


def test_without_a_salt_there_is_no_research_token():
    keys = Keys.derive(SECRET)
    assert not any("research" in name for name in keys.session())
    with pytest.raises(SettingsError, match="GOVERN_RESEARCH_SALT"):
        _ = keys.period_fingerprint


def test_a_short_secret_is_refused_with_a_way_to_make_one():
    with pytest.raises(SettingsError, match="openssl rand"):
        Keys.derive("short")


def test_no_key_at_all_is_refused(tmp_path):
    with pytest.raises(SettingsError, match="no GOVERN_KEY"):
        read_keys(Settings(govern_key=None, state_dir=tmp_path))


def test_the_demo_s_key_is_its_owner_s_alone_and_stays(tmp_path):
    settings = Settings(govern_key=None, state_dir=tmp_path)
    make_key(settings)
    first = key_file(settings).read_text()
    make_key(settings)
    assert key_file(settings).read_text() == first
    assert stat.S_IMODE(key_file(settings).stat().st_mode) == 0o600


def test_keys_do_not_show_in_their_text():
    keys = Keys.derive(SECRET, salt=SALT)
    assert keys.by_purpose["ledger"].hex() not in repr(keys)
    assert SECRET not in repr(keys)
    assert SALT not in repr(keys)
