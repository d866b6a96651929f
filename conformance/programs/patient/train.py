"""Says that it has begun, and ends when it is let go."""

import argparse
import os
import pathlib
import time

parser = argparse.ArgumentParser()
parser.add_argument("--begun", type=pathlib.Path)
parser.add_argument("--release", type=pathlib.Path)
options = parser.parse_args()

options.begun.touch()
while not options.release.exists():
    time.sleep(0.05)
pathlib.Path(os.environ["SM_MODEL_DIR"], "model.txt").write_text("patience")
options.begun.unlink()
