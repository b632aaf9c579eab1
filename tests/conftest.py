"""What several files of tests share."""

import pytest


@pytest.fixture(scope="module")
def web():
    """A server whose answers are quick, asked in this process."""
    from web_client import client

    with client(wait_seconds=300.0) as c:
        yield c
