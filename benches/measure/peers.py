"""Starts a peer and waits until it answers."""

import os
import pathlib
import signal
import socket
import subprocess
import time
import urllib.request

from .server import descendants

FOLDER = pathlib.Path(__file__).resolve().parent.parent / "peers"


def free_port():
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


class Peer:
    """A process group that answers `body` at `path`."""

    def __init__(self, command, path, body, model, port, folder=FOLDER, env=()):
        self.address = f"http://127.0.0.1:{port}{path}"
        self.path, self.body = path, body
        self._command, self._folder = command, folder
        self._env = {**os.environ, "MODEL": model, "OMP_NUM_THREADS": "1", **dict(env)}

    def __enter__(self):
        self.began = time.perf_counter()
        self.process = subprocess.Popen(
            self._command, cwd=self._folder, env=self._env, start_new_session=True,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )
        while True:
            try:
                self.answer = ask(self.address, self.body)
                self.cold = time.perf_counter() - self.began
                return self
            except OSError:
                if self.process.poll() is not None or time.perf_counter() - self.began > 120:
                    raise RuntimeError(f"{self._command} did not start") from None
                time.sleep(0.005)

    def __exit__(self, *_):
        # BentoML's workers have sessions of their own.
        for process in [*descendants(self.process.pid), self.process.pid]:
            try:
                os.kill(process, signal.SIGKILL)
            except ProcessLookupError:
                continue
        self.process.wait()

    def resident_bytes(self):
        return group_bytes(os.getpgid(self.process.pid))


def ask(address, body, headers=()):
    request = urllib.request.Request(address, data=body.encode(), method="POST",
                                     headers={"Content-Type": "application/json", **dict(headers)})
    with urllib.request.urlopen(request, timeout=60) as answer:
        return answer.read()


def group_bytes(group):
    """Proportional memory of all processes of a session."""
    total = 0
    for process in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            if os.getsid(int(process.name)) == group:
                for line in (process / "smaps_rollup").read_text().splitlines():
                    if line.startswith("Pss:"):
                        total += int(line.split()[1]) * 1024
        except OSError:
            continue
    return total
