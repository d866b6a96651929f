"""Measures what docs/benchmarks.md reports about serving: `python3 benches/serve.py`.

Needs a release build (`cargo build --release -p tradewind`), `wrk` (Debian: `apt install wrk`) and
`uv`. The peers are installed from PyPI into a folder of their own and run in the same session, one
after the other, on the same random forest: 100 trees of depth 10 on the breast-cancer data. Prints
tables in Markdown.
"""

import argparse
import datetime
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).parent))

from measure import alone, asleep, cold, model, over_http, surge  # noqa: E402
from measure.server import Server, say  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parent.parent


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--binary", default=str(ROOT / "target/release/tradewind"))
    parser.add_argument("--cache", default=os.path.expanduser("~/.cache/tradewind-benches"))
    parser.add_argument("--seconds", type=int, default=5, help="of each load; the surge's steps last twice as long")
    parser.add_argument("--only", choices=("alone", "http", "cold", "surge", "asleep"))
    parser.add_argument("--sleepers", type=int, default=1_000)
    parser.add_argument("--plot", default=str(ROOT / "docs/figures/surge.svg"))
    options = parser.parse_args()
    for program in ("wrk", "uv"):
        if not shutil.which(program):
            sys.exit(f"`{program}` is missing")
    cache = pathlib.Path(options.cache)
    say("environments")
    main_python = model.environment(cache, "main", model.MAIN)
    peer_python = model.environment(cache, "peers", model.PEERS) if options.only in (None, "http") else None
    with tempfile.TemporaryDirectory(prefix="tradewind-bench-") as folder:
        folder = pathlib.Path(folder)
        say("training")
        trained = model.train(main_python, folder)
        with Server(os.path.abspath(options.binary), folder / "data") as server:
            say("training as a job, deploying")
            model.deploy(server, folder)
        binary = os.path.abspath(options.binary)
        if options.only in (None, "cold"):
            with Server(binary, folder / "data", "warm_memory = 0\n") as server:
                say("waking endpoints of which nothing was kept")
                bare = cold.bare(server, trained)
        with Server(binary, folder / "data") as server:
            say("measuring")
            if options.only in (None, "cold"):
                # Before anything else keeps the endpoints awake.
                cold.measure(server, main_python, trained, bare)
            if options.only in (None, "alone"):
                alone.measure(server, main_python, trained, ROOT)
            if options.only in (None, "http"):
                over_http.measure(server, main_python, peer_python, trained, options.seconds)
            if options.only in (None, "surge"):
                plot = pathlib.Path(options.plot)
                plot.parent.mkdir(parents=True, exist_ok=True)
                surge.measure(server, trained, 2 * options.seconds, plot)
            if options.only in (None, "asleep"):
                asleep.measure(server, trained, options.sleepers)
    load = ", ".join(f"{part:.1f}" for part in os.getloadavg())
    today = datetime.date.today()
    print(f"\n{today}; load averages at the end: {load}; {os.cpu_count()} CPUs, {subprocess.getoutput('uname -sr')}")


if __name__ == "__main__":
    main()
