"""One warehouse for a module's tests, with the retention models built on empty tables."""

from __future__ import annotations

import pytest

from lib.databases import fresh_database
from lib.retained import retained_in


@pytest.fixture(scope="module")
def retained(tmp_path_factory, server_url):
    with fresh_database(server_url) as warehouse:
        yield retained_in(tmp_path_factory.mktemp("retention"), warehouse)
