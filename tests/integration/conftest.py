"""A checkout of the project on a small generated warehouse, for tests that run dbt."""

from __future__ import annotations

import pytest

from lib.checkouts import check_out
from lib.databases import fresh_database
from lib.nights import ON
from privacy_governance.generation import generate


@pytest.fixture
def checkout(tmp_path, warehouse):
    """A copy of the project on an empty warehouse."""
    return check_out(tmp_path / "checkout", warehouse)


@pytest.fixture(scope="module")
def governed(tmp_path_factory, server_url):
    """A copy of the project, for a module's tests, on 200 made-up people whose every column is declared."""
    with fresh_database(server_url) as warehouse:
        generate(warehouse, users=200, seed=1, as_of=ON)
        with warehouse.connect("drop the undeclared column") as connection:
            connection.execute("alter table raw.users drop column favorite_team")
        yield check_out(tmp_path_factory.mktemp("project") / "checkout", warehouse)
