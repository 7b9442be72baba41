"""What holds for every test: nothing leaves this machine."""

import os
from collections.abc import Iterator

import pytest

from tests.services.endpoint import loopback_only


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Three processes a core: most of the time of a test of a screen is waiting until the screen is at rest."""
    return 3 * (os.cpu_count() or 1)


@pytest.fixture(autouse=True)
def _at_home() -> Iterator[None]:
    """No test reaches a real endpoint."""
    with loopback_only():
        yield
