"""Measures what docs/benchmarks.md reports about running jobs: `python3 benches/run.py`.

Needs a release build (`cargo build --release -p tradewind`) and `wrk` (Debian: `apt install wrk`).
The peers, kfp and Metaflow, are installed from PyPI into a folder of their own and run in the same
session, one after the other, with nothing else running. Prints a table in Markdown.
"""

import argparse
import os
import pathlib
import shutil
import statistics
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).parent))

from measure import api, cli, latency, steps  # noqa: E402
from measure.server import Server  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parent.parent


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--binary", default=str(ROOT / "target/release/tradewind"))
    parser.add_argument("--without-peers", action="store_true")
    parser.add_argument("--steps", type=int, default=100)
    parser.add_argument("--only", choices=["latency", "steps", "api", "cli"])
    options = parser.parse_args()
    binary = os.path.abspath(options.binary)
    wanted = [options.only] if options.only else ["latency", "steps", "api", "cli"]
    if "api" in wanted and not shutil.which("wrk"):
        sys.exit("`wrk` is missing: apt install wrk")
    rows = []
    with tempfile.TemporaryDirectory(prefix="tradewind-bench-") as folder:
        with Server(binary, pathlib.Path(folder) / "data") as server:
            if "latency" in wanted:
                rows += latency.measure(server)
            if "steps" in wanted:
                rows += steps.ours(server, options.steps)
        if "steps" in wanted and not options.without_peers:
            rows += steps.peers(pathlib.Path(folder), options.steps)
        with Server(binary, pathlib.Path(folder) / "api") as server:
            if "api" in wanted:
                rows += api.measure(server)
            if "cli" in wanted:
                rows += cli.measure(server)
    print("\n| what | figure | spread |\n|---|---|---|")
    for name, values, unit in rows:
        middle = statistics.median(values)
        spread = f"{min(values):.4g} … {max(values):.4g}" if len(values) > 1 else "one run"
        print(f"| {name} | {middle:.4g} {unit} | {spread} |")


if __name__ == "__main__":
    main()
