"""What the conformance tests share: a server, a way to run SDK programs, and the judge.

Every exchange of a test is recorded and its answer held against botocore's model; see README.md.
"""

import json
import os
import pathlib
import sys

import boto3
import botocore.config
import pytest

import prepare
from harness import model, wire
from harness.recorder import Recorder
from harness.server import PATIENCE, Server

HERE = pathlib.Path(__file__).resolve().parent


@pytest.fixture(scope="session")
def server():
    """One server for all tests of this process; they name their resources apart."""
    with Server() as running:
        yield running
        assert not running.panics()


@pytest.fixture(scope="session")
def cloud(server):
    """The environment of a program under `tradewind exec`."""
    return server.cloud()


@pytest.fixture
def name(request):
    """A name that no other test uses, good for jobs, endpoints and buckets."""
    plain = request.node.name.removeprefix("test_").replace("_", "-").partition("[")[0]
    return f"{plain[:40].strip('-')}-{os.urandom(3).hex()}"


class Judge:
    """Where a test's exchanges are kept, and what is said of them at its end."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.expects_cuts = False
        # Whether the test asks for what is not served; AWS has no error code for that.
        self.expects_refusals = False
        self.seen = 0

    def part(self):
        self.seen += 1
        return self.folder / f"recorded-{self.seen}"

    def exchanges(self):
        """All that was recorded so far."""
        return [e for i in range(self.seen) for e in wire.exchanges(self.folder / f"recorded-{i+1}")]

    def calls(self):
        """`service.Operation` of each exchange that was told apart."""
        return [str(call) for call, _ in map(model.check, self.exchanges()) if call]

    def verdict(self):
        """The number of answers that were held against a model, and what is wrong with them."""
        held, problems = 0, []
        for exchange in self.exchanges():
            call, wrong = model.check(exchange)
            held += call is not None and exchange.status != 0
            if self.expects_refusals and b"UnsupportedOperationException" in exchange.answer:
                wrong = []
            if call is None and not (_is_telemetry(exchange) or _is_of_a_function(exchange)):
                wrong = [f"nobody knows this request: {exchange}"]
            if exchange.status == 0 and not self.expects_cuts:
                wrong = [*wrong, f"no whole answer to {exchange}"]
            problems += [(text, exchange) for text in wrong]
        return held, problems


def _is_telemetry(exchange):
    """The SDK's own report of its use, sent without a signature to a bucket of its makers."""
    return (exchange.headers.get("Host") or "").startswith("sm-pysdk-t-")


def _is_of_a_function(exchange):
    """A call of a function's own address, which a user's code answers."""
    return exchange.target.startswith("/functions/") and not exchange.headers.get("Authorization")


@pytest.fixture
def judge(tmp_path, record_property):
    """Fails the test whose answers a model does not allow."""
    judge = Judge(tmp_path)
    yield judge
    held, problems = judge.verdict()
    record_property("answers held against a model", held)
    if problems:
        seen, lines = set(), []
        for text, exchange in problems:
            if text not in seen:
                lines += [text, exchange.detail(800) if len(seen) < 5 else str(exchange), ""]
            seen.add(text)
        pytest.fail("answers that the models do not allow:\n" + "\n".join(lines), pytrace=False)
    assert held or not judge.seen, "nothing was recorded"


@pytest.fixture
def endpoint(server, judge):
    """The URL of the plain endpoint with the recorder before it."""
    with Recorder(("127.0.0.1", server.port), judge.part()) as recorder:
        yield recorder.url
    assert not recorder.failures


@pytest.fixture
def session(cloud):
    """boto3 with the installation's own keys."""
    return boto3.Session(
        aws_access_key_id=cloud["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=cloud["AWS_SECRET_ACCESS_KEY"],
        region_name=cloud["AWS_DEFAULT_REGION"],
    )


@pytest.fixture
def client(session, endpoint):
    """Makes clients of the plain endpoint: `client("sagemaker")`."""
    made = []

    def make(service, **more):
        config = botocore.config.Config(
            retries={"total_max_attempts": 1}, read_timeout=PATIENCE
        ).merge(more.pop("config", botocore.config.Config()))
        made.append(session.client(service, endpoint_url=endpoint, config=config, **more))
        return made[-1]

    yield make
    for each in made:
        each.close()


@pytest.fixture
def program(server, judge):
    """Runs a program of `programs/` under `tradewind exec`, recorded; what it printed as JSON.

    `program("sagemaker2", "fit.py", name)` runs it with the interpreter of that environment. A
    program prints one JSON document as its last line; whatever it prints before is its own affair.
    """

    def run(environment, script, *arguments, fails=False):
        command = [
            *("exec", "--", sys.executable, HERE / "record.py", judge.part(), "--"),
            *(prepare.python(environment), HERE / "programs" / script, *arguments),
        ]
        done = server.tradewind(*command, check=False)
        shown = f"{script} ended with {done.returncode}\n{done.stdout[-6000:]}\n{done.stderr[-6000:]}"
        if fails:
            assert done.returncode != 0, shown
            return done.stdout + done.stderr
        assert done.returncode == 0, shown
        return json.loads(done.stdout.strip().splitlines()[-1])

    return run
