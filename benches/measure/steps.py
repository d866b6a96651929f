"""Overhead of a no-op step: ours, kfp's local SubprocessRunner, Metaflow; 100 in a row, 100 at once.

Every system runs a Python function that does nothing. What is reported is the wall time of the
whole run divided by its steps.
"""

import os
import pathlib
import subprocess
import sys
import time

CACHE = pathlib.Path(
    os.environ.get("TRADEWIND_BENCH_CACHE", pathlib.Path.home() / ".cache/tradewind-benches")
)
PEERS = pathlib.Path(__file__).resolve().parent.parent / "peers"


def pipeline(count, parallel):
    lines = [f"name: noop-{'parallel' if parallel else 'sequence'}", "steps:"]
    for number in range(count):
        lines += [f"  s{number}:", "    script: noop.py", "    cache: false"]
        if number and not parallel:
            lines.append(f"    needs: [s{number - 1}]")
    return "\n".join(lines) + "\n"


def ours(server, count):
    folder = server.data / "noop"
    folder.mkdir()
    (folder / "noop.py").write_text("pass\n")
    rows = []
    for parallel in (False, True):
        name = "parallel" if parallel else "sequential"
        file = folder / f"{name}.yaml"
        file.write_text(pipeline(count, parallel))
        times = []
        for _ in range(3):
            began = time.monotonic()
            server.tradewind("run", str(file))
            times.append((time.monotonic() - began) * 1000 / count)
        rows.append((f"no-op step, {count} {name}: Tradewind", times, "ms"))
    return rows


def peer_python():
    python = CACHE / "step-peers/bin/python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(CACHE / "step-peers")], check=True)
        wanted = ["kfp==2.*", "metaflow==2.*"]
        subprocess.run([str(python), "-m", "pip", "install", "-q", *wanted], check=True)
    return python


def versions(python):
    code = "import importlib.metadata as m; print(m.version('kfp'), m.version('metaflow'))"
    return subprocess.check_output([str(python), "-c", code], text=True).split()


def peers(folder, count):
    python = peer_python()
    kfp, metaflow = versions(python)
    rows = []
    env = {**os.environ, "USERNAME": "bench", "METAFLOW_HOME": str(folder), "COUNT": str(count)}
    for shape in ("sequential", "parallel"):
        for name, version in (("kfp", kfp), ("metaflow", metaflow)):
            script = str(PEERS / f"{name}_{shape}.py")
            command = [str(python), script] + ([] if name == "kfp" else ["run"])
            if name == "metaflow":
                command += ["--max-workers", "100", "--max-num-splits", "1000"]
            began = time.monotonic()
            subprocess.run(command, env=env, cwd=folder, check=True, capture_output=True)
            took = (time.monotonic() - began) * 1000 / count
            rows.append((f"no-op step, {count} {shape}: {name} {version}", [took], "ms"))
    return rows
