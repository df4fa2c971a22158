"""Salts of token periods: what makes tokens of one period, and by whose destruction they end.

Kept in GOVERN_RESEARCH_SALT, where a secrets backend puts it and destroys it; else in files beside the key, which this
module makes and destroys. Never in the warehouse: a copy of it, with the key, makes every token again.
"""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Literal

from privacy_governance.errors import SettingsError

if TYPE_CHECKING:
    from pathlib import Path

    from privacy_governance.settings import Settings

Place = Literal["file", "environment"]
MINIMUM_LENGTH = 16


@dataclass(frozen=True, order=True)
class SaltFile:
    """A salt's file, by the night its period began; `number` parts those of one night."""

    began_on: date
    number: int
    path: Path


def period_start(night: date, months: int) -> date:
    """Return the first day of the token period of `months` that `night` lies in, counted from January of year 0."""
    month = (night.year * 12 + night.month - 1) // months * months
    return date(month // 12, month % 12 + 1, 1)


def place(settings: Settings) -> Place:
    """Where the salt is kept."""
    return "file" if settings.research_salt is None else "environment"


def newest(settings: Settings) -> str | None:
    """Return the salt of the newest period, None where no night has made one yet.

    Raises:
        SettingsError: GOVERN_RESEARCH_SALT is shorter than 16 characters.

    """
    if settings.research_salt is not None:
        salt = settings.research_salt.get_secret_value()
        if len(salt) < MINIMUM_LENGTH:
            raise SettingsError(
                f"GOVERN_RESEARCH_SALT has fewer than {MINIMUM_LENGTH} characters. Make one: openssl rand -hex 32"
            )
        return salt
    kept = files(settings)
    return kept[-1].path.read_text().strip() if kept else None


def make_due(settings: Settings, night: date) -> bool:
    """Make a salt if there is none of the token period of `night`; return whether it is new."""
    if place(settings) == "environment":
        return False
    kept = files(settings)
    # a night of long ago goes on with the tokens of today
    if kept and kept[-1].began_on >= period_start(night, settings.token_period_months):
        return False
    make(settings, night)
    return True


def make(settings: Settings, night: date) -> None:
    """Make a salt for a period that begins with `night`, in a file that only its owner may read.

    Raises:
        SettingsError: the salt is kept in the environment.

    """
    if place(settings) == "environment":
        raise SettingsError(
            "the salt is kept in GOVERN_RESEARCH_SALT: put a new one there (openssl rand -hex 32), destroy the old one "
            "where it is kept, and run the next night."
        )
    folder(settings).mkdir(parents=True, exist_ok=True)
    kept = files(settings)
    began_on = max(night, kept[-1].began_on) if kept else night
    number = kept[-1].number + 1 if kept and kept[-1].began_on == began_on else 1
    unfinished = folder(settings) / f".unfinished.{os.getpid()}"
    unfinished.unlink(missing_ok=True)
    unfinished.touch(mode=0o600)
    with unfinished.open("w") as file:
        file.write(secrets.token_hex(32) + "\n")
        file.flush()
        os.fsync(file.fileno())  # tokens are made with it from now on: it must outlive a power cut
    try:
        os.link(unfinished, folder(settings) / _name(began_on, number))
    except FileExistsError:
        pass  # another process was faster, and its salt is the one
    finally:
        unfinished.unlink()


def destroy_former(settings: Settings) -> int:
    """Destroy every salt but the newest; return how many. What a backup of the folder holds is out of reach.

    Raises:
        SettingsError: the folder holds a file that is no salt's.

    """
    former = files(settings)[:-1]
    for file in former:
        # a night killed while it made the salt has left it under its unfinished name, too
        for unfinished in folder(settings).glob(".unfinished.*"):
            with suppress(FileNotFoundError):  # another process has just finished its own
                if unfinished.samefile(file.path):
                    unfinished.unlink()
        file.path.unlink()
    return len(former)


def files(settings: Settings) -> tuple[SaltFile, ...]:
    """Return the salts that are kept in files, oldest first.

    Raises:
        SettingsError: a file is named almost like a salt's: if it is a copy of one, it would outlive its period.

    """
    if not folder(settings).is_dir():
        return ()
    return tuple(sorted(_salt_file(path) for path in folder(settings).glob("[0-9]*")))


def _salt_file(path: Path) -> SaltFile:
    file: SaltFile | None = None
    began_on, _, number = path.name.partition(".")
    with suppress(ValueError):
        file = SaltFile(date.fromisoformat(began_on), int(number), path)
    if file is None or path.name != _name(file.began_on, file.number):
        raise SettingsError(
            f"{path} is no salt of a token period: those are named like 2026-04-01.1. Destroy it if it is a copy of "
            "one, because it would outlive its period; else move it out of the folder."
        )
    return file


def _name(began_on: date, number: int) -> str:
    return f"{began_on.isoformat()}.{number}"


def folder(settings: Settings) -> Path:
    """Where salts are kept in files."""
    return settings.state / "research_salts"
