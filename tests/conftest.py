"""What every test may ask for: an empty database on a real PostgreSQL, and the real inputs where they exist."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

import pytest

from lib.databases import fresh_database
from privacy_governance.settings import CHECKOUT
from privacy_governance.warehouse.embedded import embedded_server


@pytest.fixture(scope="session")
def server_url():
    """Address of a PostgreSQL whose databases the tests may create and drop: TEST_WAREHOUSE_URL, or an embedded one."""
    if "TEST_WAREHOUSE_URL" in os.environ:
        yield os.environ["TEST_WAREHOUSE_URL"]
        return
    folder = Path(tempfile.mkdtemp(prefix="governance-tests-"))
    try:
        with embedded_server(folder / "warehouse") as url:
            yield url
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def warehouse(server_url):
    """An empty database of this test's own."""
    with fresh_database(server_url) as warehouse:
        yield warehouse


@pytest.fixture(scope="session")
def shared_data():
    """Folder of the real inputs beside the checkout."""
    folder = CHECKOUT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("the real inputs (../shared/data) are not beside this checkout")
    return folder
