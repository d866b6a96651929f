"""A server of its own for a measurement, and the few requests that measurements make."""

import json
import os
import pathlib
import subprocess
import time
import urllib.request


class Server:
    def __init__(self, binary, data):
        self.binary = binary
        self.data = pathlib.Path(data)

    def __enter__(self):
        command = [self.binary, "--data", str(self.data), "serve", "--listen", "127.0.0.1:0"]
        self.process = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        announced = self.data / "server.json"
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

    def wait(self, path, over, pause=0.002):
        while True:
            found = self.request("GET", path)
            if over(found):
                return found
            time.sleep(pause)

    def tradewind(self, *arguments):
        env = {**os.environ, "TRADEWIND_DATA": str(self.data)}
        return subprocess.run(
            [self.binary, *arguments], env=env, check=True, capture_output=True, text=True
        )

    def resident_bytes(self):
        for line in pathlib.Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) * 1024
        raise RuntimeError("no VmRSS")
