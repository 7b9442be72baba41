"""What holds for every test: nothing leaves this machine."""

from collections.abc import Iterator

import pytest

from tests.services.endpoint import loopback_only


@pytest.fixture(autouse=True)
def _at_home() -> Iterator[None]:
    """No test reaches a real endpoint."""
    with loopback_only():
        yield
