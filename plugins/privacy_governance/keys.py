"""The secret behind keyed tokens: one key, a derived one per purpose, handed to SQL as session settings only.

What stays (the ledger) needs the key alone. What is released needs the key and the salt of a token period as well, so
that a salt's destruction ends its tokens for everyone, the holder of the key included (see `salts`).

HMAC-SHA256 (RFC 2104) is `sha256(opad || sha256(ipad || message))`, with both pads precomputed here, so that
PostgreSQL's built-in `sha256` is enough and the key never stands in SQL text.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from privacy_governance import salts
from privacy_governance.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date
    from pathlib import Path

    from privacy_governance.settings import Settings

LASTING = ("ledger",)
# `withdrawal` puts members in the secret order in which they leave a release together with somebody who must
PERIODIC = ("research", "withdrawal")
BLOCK_BYTES = 64
MINIMUM_LENGTH = 16


@dataclass(frozen=True)
class Keys:
    """Keys derived from one secret, a purpose each; tokens of different purposes can't be joined."""

    by_purpose: Mapping[str, bytes] = field(repr=False)

    @classmethod
    def derive(cls, secret: str, *, salt: str | None = None) -> Keys:
        """Derive a key per purpose from `secret`; those of a token period only where its `salt` is given.

        Raises:
            SettingsError: the secret is shorter than 16 characters.

        """
        if len(secret) < MINIMUM_LENGTH:
            raise SettingsError(
                f"GOVERN_KEY has fewer than {MINIMUM_LENGTH} characters. Make one: openssl rand -hex 32"
            )
        messages = {purpose: f"privacy-governance/{purpose}" for purpose in LASTING}
        if salt is not None:
            messages |= {purpose: f"privacy-governance/{purpose}/{salt}" for purpose in PERIODIC}
        return cls({purpose: _hmac(secret.encode(), message) for purpose, message in messages.items()})

    def token(self, purpose: str, value: str) -> str:
        """Return the keyed token of `value`: 64 hexadecimal digits, the same as the SQL macro `keyed_token` gives."""
        return _hmac(self.by_purpose[purpose], value).hex()

    def fingerprints(self) -> dict[str, str]:
        """Return, for each key that lasts, a value that tells two keys apart and gives neither away."""
        return {purpose: self.token(purpose, "fingerprint") for purpose in LASTING}

    @property
    def period_fingerprint(self) -> str:
        """The same for the token period's keys.

        Raises:
            SettingsError: there is no salt.

        """
        if "research" not in self.by_purpose:
            raise SettingsError(
                "no salt of a token period: research tokens can't be made. Set GOVERN_RESEARCH_SALT "
                "(openssl rand -hex 32), or run a night: it keeps one beside its key."
            )
        return self.token("research", "fingerprint")

    def session(self) -> dict[str, str]:
        """Return session settings with each purpose's pads, in hexadecimal, for `keyed_token` to read."""
        return {
            f"governance.{purpose}_{pad}": bytes(byte ^ mask for byte in key.ljust(BLOCK_BYTES, b"\0")).hex()
            for purpose, key in self.by_purpose.items()
            for pad, mask in (("ipad", 0x36), ("opad", 0x5C))
        }


def read_keys(settings: Settings, *, night: date | None = None) -> Keys:
    """Return the keys derived from `secret` and the newest salt; a `night` makes the salt that is due first."""
    key = secret(settings)
    if night is not None:
        salts.make_due(settings, night)
    return Keys.derive(key, salt=salts.newest(settings))


def secret(settings: Settings) -> str:
    """Return GOVERN_KEY, else the content of the file that `make_key` wrote.

    Raises:
        SettingsError: there is neither.

    """
    if settings.govern_key is not None:
        return settings.govern_key.get_secret_value()
    file = key_file(settings)
    if not file.is_file():
        raise SettingsError(
            "no GOVERN_KEY. Set it to a secret of your own (openssl rand -hex 32) and keep it: tombstones are "
            "matched with it. `govern demo` makes one for itself."
        )
    return file.read_text().strip()


def make_key(settings: Settings) -> None:
    """Make a key file that only its owner may read, unless GOVERN_KEY or a file is there already."""
    file = key_file(settings)
    if settings.govern_key is not None or file.exists():
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    unfinished = file.with_suffix(f".{os.getpid()}")
    unfinished.touch(mode=0o600)
    unfinished.write_text(secrets.token_hex(32) + "\n")
    unfinished.rename(file)  # a kill before this leaves no half-written key behind


def key_file(settings: Settings) -> Path:
    """Where the demo keeps its own key."""
    return settings.state / "key"


def _hmac(key: bytes, message: str) -> bytes:
    return hmac.new(key, message.encode(), hashlib.sha256).digest()
