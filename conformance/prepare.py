#!/usr/bin/env python3
"""Makes the Python environments of the conformance tests, once each: `prepare.py harness sagemaker2 …`.

The SDKs cannot share one environment (their second and third generations replace each other), and
the tests must not depend on what the machine happens to have. So each `requirements/NAME.txt`, in
which every package is pinned, becomes a virtual environment of its own below
`$TRADEWIND_TEST_CACHE/conformance`, in a folder whose name ends with the hash of what it was made
from: a changed pin makes a new one. It is built under another name and renamed when it is whole,
so that one that was interrupted is never used. Prints `NAME FOLDER` for each.
"""

import argparse
import fcntl
import hashlib
import os
import pathlib
import shutil
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
PYTHON = ">=3.11,<3.14"
UV = "uv==0.13.9"


def cache() -> pathlib.Path:
    """The folder that `./test` keeps everything in."""
    given = os.environ.get("TRADEWIND_TEST_CACHE")
    return pathlib.Path(given) if given else pathlib.Path.home() / ".cache/tradewind-tests"


def requirements(name: str) -> pathlib.Path:
    return HERE / "requirements" / f"{name}.txt"


def folder(name: str) -> pathlib.Path:
    """Where an environment is or will be."""
    made_of = requirements(name).read_bytes() + PYTHON.encode() + UV.encode()
    return cache() / "conformance" / f"{name}-{hashlib.sha256(made_of).hexdigest()[:12]}"


def python(name: str) -> pathlib.Path:
    """The interpreter of an environment."""
    return prepare(name) / "bin/python"


def uv() -> pathlib.Path:
    """The `uv` program at the pinned version, from PyPI; pip takes ten times as long."""
    tools = cache() / "tools" / UV.replace("==", "-")
    if not (tools / "bin/uv").exists():
        part = tools.with_name(tools.name + ".part")
        shutil.rmtree(part, ignore_errors=True)
        run([sys.executable, "-m", "pip", "install", "--quiet", "--target", part, UV])
        part.rename(tools)
    return tools / "bin/uv"


def run(command: list) -> None:
    """Runs a command to its end; what it says is shown when it fails."""
    quiet = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    done = subprocess.run(
        [str(word) for word in command],
        env=quiet | {"UV_CACHE_DIR": str(cache() / "uv"), "UV_PYTHON_DOWNLOADS": "never"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if done.returncode:
        sys.exit(f"{' '.join(map(str, command))}\n{done.stdout}\nexit code {done.returncode}")


def prepare(name: str) -> pathlib.Path:
    """The folder of an environment, made when it is not there."""
    final = folder(name)
    for parent in (final.parent, cache() / "tools"):
        parent.mkdir(parents=True, exist_ok=True)
    # Two test runs on one machine make each environment once.
    with open(final.with_name(f"{name}.lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not final.exists():
            make(name, final)
    return final


def make(name: str, final: pathlib.Path) -> None:
    begun = time.monotonic()
    part = final.with_name(final.name + ".part")
    shutil.rmtree(part, ignore_errors=True)
    run([uv(), "venv", "--quiet", "--relocatable", "--python", PYTHON, part])
    install = [uv(), "pip", "install", "--quiet", "--compile-bytecode"]
    run([*install, "--python", part / "bin/python", "--requirement", requirements(name)])
    part.rename(final)
    print(f"made {name} in {time.monotonic() - begun:.0f} s", file=sys.stderr)


def main() -> None:
    known = sorted(path.stem for path in (HERE / "requirements").glob("*.txt"))
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", choices=[*known, []], help="all of them unless named")
    for name in parser.parse_args().names or known:
        print(name, prepare(name))


if __name__ == "__main__":
    main()
