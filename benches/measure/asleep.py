"""Memory of many endpoints that sleep, and the time to wake any one of them."""

import random
import statistics
import time

from .peers import ask


def measure(server, trained, count):
    """Endpoints of the same model, which the server evaluates itself."""
    before = server.resident_bytes()
    began = time.monotonic()
    deployment = {"name": "v1", "model": "forest", "version": 1, "replicas": 0, "share": 10_000}
    for number in range(count):
        server.request("PUT", f"endpoints/sleeper-{number}", {"deployments": [deployment]})
    names = [f"sleeper-{number}" for number in range(count)]
    for name in names:
        server.wait(f"endpoints/{name}/status", lambda status: status["generation"] is not None, pause=0.05)
    made = time.monotonic() - began
    for name in names:
        server.wait(f"endpoints/{name}/status", asleep, pause=1)
    memory = server.resident_bytes() - before
    random.seed(0)
    times = []
    for name in random.sample(names, min(200, count)):
        began = time.perf_counter()
        ask(f"{server.address}/api/v1/endpoints/{name}/predict", trained.body, {"Authorization": f"Bearer {server.key}"})
        times.append((time.perf_counter() - began) * 1e3)
    times.sort()
    print("\n| endpoints scaled to zero | made in s | memory each KiB | wake p50 ms | wake p99 ms | slowest ms |\n|---|---|---|---|---|---|")
    print(f"| {count}, native | {made:.1f} | {memory / count / 1024:.1f} | {statistics.median(times):.2f} | {times[int(len(times) * 0.99) - 1]:.2f} | {times[-1]:.2f} |", flush=True)


def asleep(status):
    return all(deployment["replicas"]["ready"] + deployment["replicas"]["starting"] == 0 for deployment in status["deployments"])
