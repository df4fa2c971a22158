"""A salt a token period: made when due, the newest one used, the former ones destroyed."""

from __future__ import annotations

import stat
from datetime import date

import pytest

from privacy_governance import salts
from privacy_governance.errors import SettingsError
from privacy_governance.keys import Keys, read_keys
from privacy_governance.settings import Settings

SECRET = "a secret that is long enough"  # noqa: S105 - of this test


@pytest.fixture
def settings(tmp_path):
    """Settings that keep salts in files."""
    return Settings(govern_key=SECRET, research_salt=None, state_dir=tmp_path, token_period_months=3)


@pytest.mark.parametrize(
    ("night", "months", "start"),
    [
        (date(2026, 3, 31), 3, date(2026, 1, 1)),
        (date(2026, 4, 1), 3, date(2026, 4, 1)),
        (date(2026, 12, 31), 12, date(2026, 1, 1)),
        (date(2026, 2, 28), 1, date(2026, 2, 1)),
    ],
    ids=["end of a quarter", "begin of a quarter", "a year", "a month"],
)
def test_periods_begin_with_the_calendar_s(night, months, start):
    assert salts.period_start(night, months) == start


def test_a_salt_is_made_once_in_a_period_and_its_owner_s_alone(settings):
    assert salts.make_due(settings, date(2026, 2, 14))
    first = salts.newest(settings)
    assert not salts.make_due(settings, date(2026, 3, 31))
    assert salts.newest(settings) == first
    (kept,) = salts.files(settings)
    assert stat.S_IMODE(kept.path.stat().st_mode) == 0o600
    assert [path.name for path in salts.folder(settings).iterdir()] == ["2026-02-14.1"]


def test_the_first_night_of_the_next_period_has_other_tokens(settings):
    before = read_keys(settings, night=date(2026, 3, 31))
    after = read_keys(settings, night=date(2026, 4, 1))
    assert before.token("research", "user-1") != after.token("research", "user-1")
    assert read_keys(settings).token("research", "user-1") == after.token("research", "user-1")


def test_a_night_of_the_period_before_goes_on_with_the_tokens_of_this_one(settings):
    salts.make_due(settings, date(2026, 4, 1))
    assert not salts.make_due(settings, date(2026, 3, 31))


def test_two_rotations_of_one_night_make_two_salts(settings):
    for _ in range(2):
        salts.make(settings, date(2026, 4, 1))
    assert [file.number for file in salts.files(settings)] == [1, 2]


def test_an_old_token_can_not_be_made_again_once_its_salt_is_destroyed(settings):
    """Who holds the key and all that is left of the salts finds no old token, whatever user id is tried."""
    old = read_keys(settings, night=date(2026, 1, 1)).token("research", "user-1")
    read_keys(settings, night=date(2026, 4, 1))

    def makeable():
        left = [None, "", *(file.path.read_text().strip() for file in salts.files(settings))]
        keys = (Keys.derive(SECRET, salt=salt) for salt in left)
        return {each.token(purpose, "user-1") for each in keys for purpose in each.by_purpose}

    assert old in makeable()
    assert salts.destroy_former(settings) == 1
    assert old not in makeable()
    assert len(salts.files(settings)) == 1


@pytest.mark.parametrize("name", ["2026-04-01.1.bak", "2026-04-01", "20260401.1", "2026-04-01.01", "1.txt"])
def test_a_file_that_is_no_salt_is_named_with_what_to_do(settings, name):
    salts.make(settings, date(2026, 4, 1))
    (salts.folder(settings) / name).write_text("a copy")
    with pytest.raises(SettingsError, match=rf"research_salts/{name} is no salt .* Destroy it if it is a copy"):
        read_keys(settings, night=date(2026, 4, 1))


def test_a_salt_that_a_killed_night_left_under_its_unfinished_name_is_destroyed_with_it(settings):
    salts.make(settings, date(2026, 1, 1))
    (first,) = salts.files(settings)
    (salts.folder(settings) / ".unfinished.1").hardlink_to(first.path)
    salts.make(settings, date(2026, 4, 1))
    assert salts.destroy_former(settings) == 1
    assert [path.name for path in salts.folder(settings).iterdir()] == ["2026-04-01.1"]


def test_the_environment_s_salt_is_used_as_it_is_and_not_rotated_here(tmp_path):
    settings = Settings(govern_key=SECRET, research_salt="a salt of a secrets backend", state_dir=tmp_path)
    assert not salts.make_due(settings, date(2026, 4, 1))
    assert salts.newest(settings) == "a salt of a secrets backend"
    assert not salts.folder(settings).exists()
    with pytest.raises(SettingsError, match="destroy the old one where it is kept"):
        salts.make(settings, date(2026, 4, 1))


def test_a_short_salt_is_refused_with_a_way_to_make_one(tmp_path):
    with pytest.raises(SettingsError, match="openssl rand"):
        read_keys(Settings(govern_key=SECRET, research_salt="short", state_dir=tmp_path))
