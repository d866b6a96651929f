"""Measures the AWS dialect beside moto: `python3 benches/aws/run.py`.

Needs a release build (`cargo build --release -p tradewind`) and `wrk` (Debian: `apt install wrk`);
moto is installed from PyPI into the folder of the conformance tests. One server after the other is
started, filled and asked the same requests, with true signatures, by the same compiled client (wrk,
one thread). Prints a table in Markdown, and what moto answers where it does not do the work. The
server's CPU is that of all its processes for one request: unlike rates it does not depend on what
else the machine does.
"""

import argparse
import os
import pathlib
import shutil
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path[:0] = [str(ROOT / "conformance"), str(ROOT / "benches/aws")]

import prepare  # noqa: E402
from work import small, large, disk  # noqa: E402
from targets import Moto, Tradewind  # noqa: E402


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--binary", default=str(ROOT / "target/release/tradewind"))
    parser.add_argument("--jobs", type=int, default=10_000)
    parser.add_argument("--seconds", type=int, default=8)
    parser.add_argument("--only", choices=["tradewind", "moto"])
    options = parser.parse_args()
    if not shutil.which("wrk"):
        sys.exit("`wrk` is missing: apt install wrk")
    os.environ["TRADEWIND_BINARY"] = os.path.abspath(options.binary)
    prepare.prepare("moto")
    found = {}
    for target in (Tradewind(), Moto()):
        if options.only not in (None, target.name):
            continue
        with target:
            print(f"filling {target.name} with {options.jobs} training jobs", file=sys.stderr)
            target.fill(options.jobs)
            rows = small(target, options.seconds, options.jobs)
            rows |= large(target, options.seconds)
            if isinstance(target, Tradewind):
                rows |= disk(target.folder)
            found[target.name] = rows
            print(f"{target.name}: {rows}", file=sys.stderr)
            for note in target.notes:
                print(note)
    show(found)


def show(found):
    """The table: a row for each measurement, the ratio where both have it."""
    ours = found.get("tradewind") or found["moto"]
    theirs = found.get("moto", {})
    print("\n| what | tradewind | moto | ratio |\n|---|---|---|---|")
    for what, (value, unit) in ours.items():
        other = theirs.get(what)
        ratio = "" if other is None or not other[0] else f"{value / other[0]:.3g}"
        shown = "–" if other is None else f"{other[0]:.4g} {unit}"
        print(f"| {what} | {value:.4g} {unit} | {shown} | {ratio} |")


if __name__ == "__main__":
    main()
