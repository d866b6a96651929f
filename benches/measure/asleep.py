"""Memory of many endpoints that sleep, and the time to wake any one of them."""

import random
import statistics
import time

from .peers import ask
from .server import descendants, say

WOKEN = 200


def measure(server, trained, count):
    """Endpoints of the same model, which the server evaluates itself or leaves to Python workers."""
    print("\n| endpoints scaled to zero | made in s | memory each KiB | wake p50 ms | wake p99 ms | slowest ms |\n|---|---|---|---|---|---|")
    for kind, options in (("native", {}), ("python", {"native": "off"})):
        made, memory, times = put_to_sleep(server, trained, count, kind, options)
        print(f"| {count}, {kind} | {made:.1f} | {memory / count / 1024:.1f} | {statistics.median(times):.2f} | {times[int(len(times) * 0.99) - 1]:.2f} | {times[-1]:.2f} |", flush=True)


def put_to_sleep(server, trained, count, kind, options):
    """Seconds to make them, bytes of everything that the server runs once they sleep, and sorted
    milliseconds to wake some of them."""
    before = settled(server)
    began = time.monotonic()
    deployment = {"name": "v1", "model": "forest", "version": 1, "replicas": 0, "share": 10_000, "options": options}
    names = [f"{kind}-sleeper-{number}" for number in range(count)]
    for name in names:
        server.request("PUT", f"endpoints/{name}", {"deployments": [deployment]})
    for name in names:
        server.wait(f"endpoints/{name}/status", lambda status: status["generation"] is not None, pause=0.05)
    made = time.monotonic() - began
    say(f"{count} endpoints ({kind}) are made")
    for name in names:
        server.wait(f"endpoints/{name}/status", asleep, pause=0.2)
    memory = settled(server) - before
    say(f"they sleep; the server has {len(descendants(server.process.pid))} processes")
    random.seed(0)
    times = []
    for name in random.sample(names, min(WOKEN, count)):
        began = time.perf_counter()
        ask(f"{server.address}/api/v1/endpoints/{name}/predict", trained.body, {"Authorization": f"Bearer {server.key}"})
        times.append((time.perf_counter() - began) * 1e3)
    return made, memory, sorted(times)


def settled(server):
    """Bytes of everything that the server runs, once no process has come or gone for two seconds: the
    packages' and those that keep a model loaded are among them."""
    seen, since = None, time.monotonic()
    while time.monotonic() - since < 2:
        found = descendants(server.process.pid)
        if found != seen:
            seen, since = found, time.monotonic()
        time.sleep(0.1)
    return server.all_bytes()


def asleep(status):
    # One that is not served yet has none either.
    return status["generation"] is not None and all(
        deployment["replicas"]["ready"] + deployment["replicas"]["starting"] == 0 for deployment in status["deployments"])
