"""Requests a second and latency of the native API, by wrk; memory with 10,000 finished jobs."""

import json
import re
import subprocess
import tempfile

SECONDS = 8
CONNECTIONS = 16
JOBS = 10_000

# No place may take it, so the job is over at once and the API alone is measured.
REFUSED = {
    "spec": {
        "entry": {"kind": "command", "argv": ["true"]},
        "policy": {"providers": ["nowhere"]},
    }
}


def wrk(server, path, body=None):
    script = [
        'wrk.headers["Authorization"] = "Bearer %s"' % server.key,
        'wrk.headers["Content-Type"] = "application/json"',
    ]
    if body is not None:
        script += ['wrk.method = "POST"', "wrk.body = [[%s]]" % json.dumps(body)]
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as file:
        file.write("\n".join(script))
        file.flush()
        command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{SECONDS}s", "--latency"]
        command += ["-s", file.name, f"{server.address}/api/v1/{path}"]
        out = subprocess.check_output(command, text=True)
    if "Non-2xx" in out:
        raise RuntimeError(out)
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", out).group(1))
    number, unit = re.search(r"99%\s+([\d.]+)(us|ms|s)", out).groups()
    p99 = float(number) * {"us": 0.001, "ms": 1, "s": 1000}[unit]
    return rate, p99


def measure(server):
    rows = []
    before = server.resident_bytes() / 2**20
    rate, p99 = wrk(server, "jobs", REFUSED)
    rows.append((f"job submissions, {CONNECTIONS} connections", [rate], "/s"))
    rows.append(("job submissions, p99", [p99], "ms"))
    count = len_of_jobs(server)
    while count < JOBS:
        server.request("POST", "jobs", REFUSED)
        count += 1
    finished = lambda page: page["items"] == []  # noqa: E731
    server.wait("jobs?phase=queued,starting,running&limit=1", finished, pause=0.2)
    rows.append((f"server memory at start", [before], "MiB"))
    rows.append((f"server memory with {count} finished jobs", [server.resident_bytes() / 2**20], "MiB"))
    job = server.request("GET", "jobs?limit=1")["items"][0]["id"]
    for name, path in ((f"gets of a job", f"jobs/{job}"), (f"lists of 100 of {count} jobs", "jobs?limit=100")):
        rate, p99 = wrk(server, path)
        rows.append((f"{name}, {CONNECTIONS} connections", [rate], "/s"))
        rows.append((f"{name}, p99", [p99], "ms"))
    return rows


def len_of_jobs(server):
    count, after = 0, ""
    while True:
        page = server.request("GET", f"jobs?limit=1000{after}")
        count += len(page["items"])
        if not page.get("next"):
            return count
        after = f"&after={page['next']}"
