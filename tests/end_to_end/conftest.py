"""Checkouts on generated warehouses, governed through the command line and Airflow."""

from __future__ import annotations

import pytest

from lib.checkouts import check_out
from lib.databases import copy_of, fresh_database
from lib.nights import ON
from privacy_governance.generation import generate

USERS = 300


@pytest.fixture(scope="session")
def generated(server_url):
    """A warehouse of made-up people, before its first night; others are copied from it."""
    with fresh_database(server_url) as warehouse:
        generate(warehouse, users=USERS, seed=2, as_of=ON)
        yield warehouse


@pytest.fixture(scope="module")
def project(tmp_path_factory, server_url, generated):
    """A checkout on a copy of the generated warehouse, for the tests of a module in their order."""
    with copy_of(server_url, generated) as warehouse:
        yield check_out(tmp_path_factory.mktemp("project") / "checkout", warehouse)
