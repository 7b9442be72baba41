"""A workspace's database on a real file."""

import pytest

from qatui.store.engine import Database


@pytest.fixture
def path(tmp_path):
    return tmp_path / "data" / "workspace.db"


@pytest.fixture
async def database(path):
    """A new, empty workspace."""
    opened = await Database.open(path)
    yield opened
    await opened.close()
