"""A server of its own for a measurement, and the few requests that measurements make."""

import json
import os
import pathlib
import subprocess
import sys
import time
import urllib.request


class Server:
    def __init__(self, binary, data, settings=None):
        self.binary = binary
        self.data = pathlib.Path(data)
        self.settings = settings

    def __enter__(self):
        command = [self.binary, "--data", str(self.data), "serve", "--listen", "127.0.0.1:0"]
        if self.settings:
            file = self.data / "bench.toml"
            file.write_text(self.settings)
            command += ["--config", str(file)]
        announced = self.data / "server.json"
        # One that ended has left it.
        announced.unlink(missing_ok=True)
        self.process = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        deadline = time.monotonic() + 30
        while not announced.exists():
            if time.monotonic() > deadline or self.process.poll() is not None:
                raise RuntimeError("the server did not start")
            time.sleep(0.005)
        self.address = json.loads(announced.read_text())["address"]
        self.key = json.loads((self.data / "credentials.json").read_text())["key"]
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(60)

    def request(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(
            f"{self.address}/api/v1/{path}",
            data=data,
            method=method,
            headers={"Authorization": f"Bearer {self.key}", "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.loads(answer.read())

    def wait(self, path, over, pause=0.002, limit=180):
        """Looks until a document is as it shall be; says what it is when that takes too long."""
        began = time.monotonic()
        while True:
            found = self.request("GET", path)
            if over(found):
                return found
            if time.monotonic() - began > limit:
                raise RuntimeError(f"`{path}` is after {limit} s still {json.dumps(found)[:2000]}")
            time.sleep(pause)

    def tradewind(self, *arguments):
        env = {**os.environ, "TRADEWIND_DATA": str(self.data)}
        done = subprocess.run([self.binary, *arguments], env=env, capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(f"`tradewind {' '.join(arguments)}` failed: {done.stderr or done.stdout}")
        return done

    def resident_bytes(self):
        for line in pathlib.Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) * 1024
        raise RuntimeError("no VmRSS")

    def all_bytes(self):
        """Proportional memory of the server and of everything that it started."""
        return sum(proportional_bytes(process) for process in [self.process.pid, *descendants(self.process.pid)])


def say(text):
    """Progress, apart from the tables."""
    print(f"{time.strftime('%H:%M:%S')} {text}", file=sys.stderr, flush=True)


def descendants(process):
    """The processes that one started, and those that these started."""
    parents = {}
    for folder in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        parents.setdefault(int(fields[1]), []).append(int(folder.name))
    found, pending = [], [process]
    while pending:
        children = parents.get(pending.pop(), [])
        found += children
        pending += children
    return found


def proportional_bytes(process):
    try:
        for line in pathlib.Path(f"/proc/{process}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    except OSError:
        pass
    return 0
