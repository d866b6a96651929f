"""What is measured, all of it by wrk: a compiled client that costs little beside either server."""

import os
import pathlib
import re
import statistics
import subprocess
import tempfile
import time

from harness.signing import Signer

CONNECTIONS = 64
# So many objects are written and read in turn; one alone would make its writers wait for each other.
KEYS = 64
LARGE = 64 << 20
HERTZ = os.sysconf("SC_CLK_TCK")

# Requests in turn, each with a signature of its own.
TURNS = """
local function read(name)
  local file = assert(io.open(name, "rb"))
  local text = file:read("*a")
  file:close()
  return text
end
local requests, at = {}, 0
function init()
  for number = 1, COUNT do requests[number] = read(FOLDER .. "/" .. number) end
end
function request()
  at = at % COUNT + 1
  return requests[at]
end
"""


def wrk(target, method, requests, seconds, connections=CONNECTIONS):
    """Requests a second, the 99th percentile in milliseconds, and the server's CPU in
    milliseconds a request, of signed requests in turn: each an URL, headers and a body."""
    with tempfile.TemporaryDirectory(dir=target.folder) as folder:
        for number, (url, headers, body) in enumerate(requests, 1):
            place = pathlib.Path(folder) / str(number)
            place.write_bytes(_written(method, url, headers, body))
        script = pathlib.Path(folder) / "script.lua"
        lua = TURNS.replace("COUNT", str(len(requests))).replace("FOLDER", f'"{folder}"')
        script.write_text(lua)
        command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "60s"]
        before = cpu(target.process.pid)
        out = subprocess.check_output(
            [*command, "--latency", "-s", script, requests[0][0]], text=True
        )
        spent = cpu(target.process.pid) - before
    refused = re.search(r"Non-2xx or 3xx responses: (\d+)", out)
    refused = int(refused[1]) if refused else 0
    if "Socket errors" in out or (refused and not target.may_refuse):
        raise RuntimeError(f"{target.name}: {method} {requests[0][0]}: {out}")
    answered = int(re.search(r"(\d+) requests in", out)[1])
    if refused:
        # A peer's failures are told, and do not count as answers.
        target.notes.append(f"{target.name}: {refused} of {answered} {method} failed: {requests[0][0]}")
    number, unit = re.search(r"99%\s+([\d.]+)(us|ms|s|m)", out).groups()
    p99 = float(number) * {"us": 0.001, "ms": 1, "s": 1000, "m": 60_000}[unit]
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", out)[1])
    good = answered - refused
    return rate * good / max(1, answered), p99, spent * 1000 / max(1, good)


def _written(method, url, headers, body):
    """A request as it goes over the wire."""
    path = "/" + url.split("/", 3)[3]
    lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {headers[name]}" for name in headers)]
    if body or method in ("PUT", "POST"):
        lines.append(f"content-length: {len(body)}")
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def cpu(root):
    """Seconds of processor time of a process and all that it started and that still run."""
    parents, spent = {}, {}
    for entry in pathlib.Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            fields = (entry / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        parents[int(entry.name)] = int(fields[1])
        spent[int(entry.name)] = (int(fields[11]) + int(fields[12])) / HERTZ
    total = 0.0
    for pid in parents:
        above = pid
        while above not in (root, 0, 1):
            above = parents.get(above, 0)
        if above == root:
            total += spent[pid]
    return total


def small(target, seconds, jobs):
    """Requests a second, p99 and CPU of the small requests."""
    describe = target.request("DescribeTrainingJob", {"TrainingJobName": "first"})
    page = {"MaxResults": 100, "SortBy": "CreationTime", "SortOrder": "Descending"}
    listing = target.request("ListTrainingJobs", page)
    kilobyte = b"x" * 1024
    names = [f"small/{number}" for number in range(KEYS)]
    puts = [(*target.object("PUT", name, kilobyte), kilobyte) for name in names]
    gets = [(*target.object("GET", name), b"") for name in names]
    url = f"{target.address}/endpoints/measured/invocations"
    invoke = Signer(target.keys, "sagemaker").headers(
        "POST", url, b"14", {"content-type": "application/json"}
    )
    native = f"{target.address}/endpoints/measured-native/invocations"
    flower = b"5.1,3.5,1.4,0.2"
    tree = Signer(target.keys, "sagemaker").headers(
        "POST", native, flower, {"content-type": "text/csv"}
    )
    rows = {}
    measured = [
        ("DescribeTrainingJob", "POST", [describe]),
        (f"ListTrainingJobs, 100 of {jobs:,}", "POST", [listing]),
        ("S3 put of 1 KiB", "PUT", puts),
        ("S3 get of 1 KiB", "GET", gets),
        ("InvokeEndpoint", "POST", [(url, invoke, b"14")]),
    ]
    if target.is_native:
        measured.append(("InvokeEndpoint, native", "POST", [(native, tree, flower)]))
    for name, method, requests in measured:
        wrk(target, method, requests, 1)
        rate, p99, spent = wrk(target, method, requests, seconds)
        rows[name] = (rate, "/s")
        rows[f"{name}, p99"] = (p99, "ms")
        rows[f"{name}, server's CPU"] = (spent, "ms")
    return rows


def large(target, seconds):
    """MiB a second of puts and gets of 64 MiB, one at a time and four at once."""
    body = os.urandom(LARGE)
    names = [f"large-{number}" for number in range(4)]
    puts = [(*target.object("PUT", name, body), body) for name in names]
    gets = [(*target.object("GET", name), b"") for name in names]
    for name in names:
        target.put(name, body)
    rows = {}
    for method, verb, requests in (("PUT", "put", puts), ("GET", "get", gets)):
        for connections, words in ((1, ""), (4, ", four at once")):
            rate, _, spent = wrk(target, method, requests, seconds, connections)
            rows[f"S3 {verb} of 64 MiB{words}"] = (rate * 64, "MiB/s")
            rows[f"S3 {verb} of 64 MiB{words}, server's CPU"] = (spent, "ms")
    return rows


def disk(folder, times=5):
    """What the disk does by itself in the same folder: the same bytes written and synchronised,
    and 4 KiB."""
    body = os.urandom(LARGE)
    rates, waits = [], []
    for _ in range(times):
        path = folder / "by-hand"
        begun = time.perf_counter()
        with open(path, "wb") as file:
            file.write(body)
            file.flush()
            os.fsync(file.fileno())
        rates.append(64 / (time.perf_counter() - begun))
        with open(path, "r+b") as file:
            for number in range(20):
                begun = time.perf_counter()
                os.pwrite(file.fileno(), body[:4096], number * 4096)
                os.fdatasync(file.fileno())
                waits.append((time.perf_counter() - begun) * 1000)
        path.unlink()
    return {
        "64 MiB written to the same disk and synchronised": (statistics.median(rates), "MiB/s"),
        "4 KiB written to the same disk and synchronised": (statistics.median(waits), "ms"),
    }
