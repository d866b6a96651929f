"""What the tests of the AWS dialect share."""

import pytest

from harness.aws import Aws
from harness.functions import HANDLER, packed


@pytest.fixture
def aws(client, cloud, name, server):
    """Clients of the plain endpoint with a bucket, and short ways to jobs and endpoints."""
    return Aws(client, cloud, name, server)


@pytest.fixture
def function(aws, name):
    """A function of the handler of the harness."""
    client = aws("lambda")
    client.create_function(
        FunctionName=name,
        Runtime="python3.11",
        Role="arn:aws:iam::123456789012:role/lambda",
        Handler="app.handler",
        Code={"ZipFile": packed(app=HANDLER)},
        Timeout=20,
        MemorySize=256,
        Environment={"Variables": {"WORD": "hello"}},
        Tags={"team": "flowers"},
    )
    client.get_waiter("function_active_v2").wait(FunctionName=name)
    yield client
    client.delete_function(FunctionName=name)
