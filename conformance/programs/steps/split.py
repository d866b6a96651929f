"""Splits every file of the input folder into rows to learn from and rows to test with."""

import argparse
import os
import pathlib

parser = argparse.ArgumentParser()
parser.add_argument("--share", type=float, required=True)
share = parser.parse_args().share

base = pathlib.Path("/opt/ml/processing")
rows = [
    line
    for file in sorted((base / "input").glob("*.csv"))
    for line in file.read_text().split()
]
# Every label is in both parts: the file is ordered by label.
every = round(1 / (1 - share))
parts = {"train": [], "test": []}
for number, row in enumerate(rows):
    parts["train" if number % every else "test"].append(row)
for name, part in parts.items():
    (base / name).mkdir(parents=True, exist_ok=True)
    (base / name / f"{name}.csv").write_text("\n".join(part) + "\n")
print(f"{len(rows)} rows, flowers: {os.environ.get('FLOWERS')}")
