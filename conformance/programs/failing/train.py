"""Fails as user code does: with a traceback and a reason."""

import sys

print("reading the data", flush=True)
print("about to fail", file=sys.stderr, flush=True)
raise ValueError("the column `price` is missing")
