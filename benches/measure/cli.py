"""Start-up of the command line."""

import os
import subprocess
import time

RUNS = 50


def measure(server):
    env = {**os.environ, "TRADEWIND_DATA": str(server.data)}
    rows = []
    for words in (["--help"], ["jobs", "--limit", "20"]):
        times = []
        for _ in range(RUNS):
            began = time.monotonic()
            subprocess.run([server.binary, *words], env=env, check=True, capture_output=True)
            times.append((time.monotonic() - began) * 1000)
        rows.append((f"`tradewind {' '.join(words)}`", times, "ms"))
    return rows
