"""What the tests of the AWS dialect share."""

import pytest

from harness.aws import Aws


@pytest.fixture
def aws(client, cloud, name, server):
    """Clients of the plain endpoint with a bucket, and short ways to jobs and endpoints."""
    return Aws(client, cloud, name, server)
