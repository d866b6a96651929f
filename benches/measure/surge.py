"""A load that doubles each few seconds: replicas, latency and errors over time."""

import re
import threading
import time
import urllib.request

from . import plot
from .over_http import wrk

ENDPOINT = "surging"
STEPS = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512)
PAUSE = 0.5
OUTCOMES = ("answered", "busy", "unavailable", "fault", "late", "hung", "crashed")


def metrics(server):
    request = urllib.request.Request(f"{server.address}/metrics", headers={"Authorization": f"Bearer {server.key}"})
    with urllib.request.urlopen(request, timeout=60) as answer:
        text = answer.read().decode()
    found = {}
    for name, labels, value in re.findall(r"^tradewind_(\w+)\{([^}]*)\} (\S+)$", text, re.M):
        if f'endpoint="{ENDPOINT}"' in labels:
            kind = re.search(r'(?:outcome|le)="([^"]+)"', labels)
            found[name, kind and kind.group(1)] = float(value)
    return found


def quantile(before, now, which):
    """The bound of the bucket that the quantile of what happened between two looks falls into."""
    name = "request_seconds_bucket"
    bounds = sorted((float(kind), kind) for metric, kind in now if metric == name and kind != "+Inf")
    counts = [now[name, kind] - before.get((name, kind), 0) for _, kind in bounds]
    total = now.get((name, "+Inf"), 0) - before.get((name, "+Inf"), 0)
    for (bound, _), count in zip(bounds, counts):
        if total and count >= which * total:
            return bound * 1e3
    return bounds[-1][0] * 1e3 if total else None


class Watch(threading.Thread):
    """Looks at the server's own figures until told to stop."""

    def __init__(self, server):
        super().__init__(daemon=True)
        self.server, self.over = server, threading.Event()
        self.began, self.lines = time.monotonic(), {}

    def run(self):
        before, at_before = metrics(self.server), time.monotonic()
        while not self.over.wait(PAUSE):
            now, at = metrics(self.server), time.monotonic()
            since = lambda kind: (now.get(("requests_total", kind), 0) - before.get(("requests_total", kind), 0)) / (at - at_before)  # noqa: E731, B023
            self.add(at, "ready", now["replicas_ready", None])
            self.add(at, "queued", now["queued", None])
            self.add(at, "running", now["running", None])
            self.add(at, "answered", since("answered"))
            self.add(at, "429", since("busy"))
            self.add(at, "other errors", sum(since(kind) for kind in OUTCOMES[2:]))
            for label, which in (("p50", 0.5), ("p99", 0.99)):
                value = quantile(before, now, which)
                if value is not None:
                    self.add(at, label, value)
            before, at_before = now, at

    def add(self, at, label, value):
        self.lines.setdefault(label, []).append((at - self.began, value))


def measure(server, trained, seconds, file):
    server.tradewind("deploy", ENDPOINT, "forest:1", "--no-native", "--max-replicas", "4")
    address = f"{server.address}/api/v1/endpoints/{ENDPOINT}/predict"
    watch, marks, rows = Watch(server), [], []
    watch.start()
    for connections in STEPS:
        marks.append((time.monotonic() - watch.began, f"{connections}"))
        before = metrics(server)
        rate, middle, high, _ = wrk(address, trained.body, seconds, connections, server.key)
        now = metrics(server)
        counts = {kind: int(now.get(("requests_total", kind), 0) - before.get(("requests_total", kind), 0)) for kind in OUTCOMES}
        rows.append((connections, rate, middle, high, counts, int(now["replicas_ready", None])))
    watch.over.set()
    watch.join()
    print("\n| connections | answers and refusals/s | p50 ms | p99 ms | answered | 429 | other errors | replicas after |\n|---|---|---|---|---|---|---|---|")
    for connections, rate, middle, high, counts, replicas in rows:
        others = sum(counts[kind] for kind in OUTCOMES[2:])
        print(f"| {connections} | {rate:,.0f} | {middle:.1f} | {high:.1f} | {counts['answered']} | {counts['busy']} | {others} | {replicas} |", flush=True)
    panel = lambda *labels: {label: watch.lines.get(label, [(0, 0)]) for label in labels}  # noqa: E731
    panels = [("replicas", "ready", panel("ready")), ("requests", "per second", panel("answered", "429", "other errors")),
              ("latency of answers", "ms", panel("p50", "p99")), ("requests inside", "count", panel("running", "queued"))]
    file.write_text(plot.svg(f"A load that doubles each {seconds} s (connections at the bottom)", panels, marks))
    print(f"\nplot: {file}")
