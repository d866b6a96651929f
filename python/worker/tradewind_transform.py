"""Starts one batch transform; see `tradewind_start.py` for why this file is so short."""

import sys

from tradewind_worker.transform import run

if __name__ == "__main__":
    del sys.path[0]
    sys.exit(run.main())
