"""What is measured: small requests by wrk, large objects by a few plain connections."""

import concurrent.futures
import os
import re
import statistics
import subprocess
import tempfile
import time

from harness.signing import Signer, send

CONNECTIONS = 16
LARGE = 64 << 20


def wrk(method, url, headers, body, seconds):
    """Requests a second and the 99th percentile in milliseconds of one signed request."""
    lines = [f'wrk.method = "{method}"']
    # wrk adds a `Host` of its own unless it finds that very spelling.
    named = {name.title(): value for name, value in headers.items()}
    lines += [f"wrk.headers[{_quoted(name)}] = {_quoted(named[name])}" for name in named]
    if body:
        lines += [f"wrk.body = {_quoted(body.decode())}"]
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        script.write("\n".join(lines))
        script.flush()
        command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--latency"]
        out = subprocess.check_output([*command, "-s", script.name, url], text=True)
    if "Non-2xx" in out:
        raise RuntimeError(f"{method} {url}: {out}")
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", out)[1])
    number, unit = re.search(r"99%\s+([\d.]+)(us|ms|s|m)", out).groups()
    return rate, float(number) * {"us": 0.001, "ms": 1, "s": 1000, "m": 60_000}[unit]


def _quoted(text):
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def small(target, seconds, jobs):
    """Requests a second and p99 of the four kinds of small request."""
    describe = target.request("DescribeTrainingJob", {"TrainingJobName": "first"})
    page = {"MaxResults": 100, "SortBy": "CreationTime", "SortOrder": "Descending"}
    listing = target.request("ListTrainingJobs", page)
    kilobyte = b"x" * 1024
    target.put("small", kilobyte)
    put_url, put_headers = target.object("PUT", "small", kilobyte)
    get_url, get_headers = target.object("GET", "small")
    url = f"{target.address}/endpoints/measured/invocations"
    invoke = Signer(target.keys, "sagemaker").headers(
        "POST", url, b"14", {"content-type": "application/json"}
    )
    rows = {}
    for name, method, url, headers, body in [
        ("DescribeTrainingJob", "POST", *describe),
        (f"ListTrainingJobs, 100 of {jobs:,}", "POST", *listing),
        ("S3 put of 1 KiB", "PUT", put_url, put_headers, kilobyte),
        ("S3 get of 1 KiB", "GET", get_url, get_headers, b""),
        ("InvokeEndpoint", "POST", url, invoke, b"14"),
    ]:
        rate, p99 = wrk(method, url, headers, body, seconds)
        rows[name] = (rate, "/s")
        rows[f"{name}, p99"] = (p99, "ms")
    return rows


def large(target, times=5):
    """MiB a second of puts and gets of 64 MiB, one at a time and four at once."""
    body = os.urandom(LARGE)
    signed = {
        (method, number): target.object(method, f"large-{number}", _sent(method, body))
        for method in ("PUT", "GET")
        for number in range(4)
    }

    def once(method, number=0):
        url, headers = signed[method, number]
        status, _, answer = send(method, url, headers, _sent(method, body))
        if status != 200 or (method == "GET" and answer != body):
            raise RuntimeError(f"{target.name}: {method} of 64 MiB: {status}")

    rows = {}
    for method, verb in (("PUT", "put"), ("GET", "get")):
        single = []
        for _ in range(times):
            begun = time.perf_counter()
            once(method)
            single.append(64 / (time.perf_counter() - begun))
        rows[f"S3 {verb} of 64 MiB"] = (statistics.median(single), "MiB/s")
        begun = time.perf_counter()
        with concurrent.futures.ThreadPoolExecutor(4) as threads:
            list(threads.map(once, [method] * 8, [0, 1, 2, 3] * 2))
        rows[f"S3 {verb} of 64 MiB, four at once"] = (8 * 64 / (time.perf_counter() - begun), "MiB/s")
    return rows


def _sent(method, body):
    return body if method == "PUT" else b""


def disk(folder, times=5):
    """MiB a second of the same bytes written by hand into the same folder and synchronised."""
    body = os.urandom(LARGE)
    rates = []
    for _ in range(times):
        path = folder / "by-hand"
        begun = time.perf_counter()
        with open(path, "wb") as file:
            file.write(body)
            file.flush()
            os.fsync(file.fileno())
        rates.append(64 / (time.perf_counter() - begun))
        path.unlink()
    return {"64 MiB written to the same disk and synchronised": (statistics.median(rates), "MiB/s")}
