"""Splits scikit-learn's 1,797 handwritten digits into training and test rows."""

import os
import pathlib

import numpy
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split


def main():
    rows, labels = load_digits(return_X_y=True)
    parts = train_test_split(rows, labels, test_size=0.3, random_state=11, stratify=labels)
    train_rows, test_rows, train_labels, test_labels = parts
    for name, part in (("train", (train_rows, train_labels)), ("test", (test_rows, test_labels))):
        folder = pathlib.Path(os.environ[f"TRADEWIND_OUTPUT_{name.upper()}"])
        folder.mkdir(parents=True, exist_ok=True)
        numpy.savez(folder / "digits.npz", rows=part[0], labels=part[1])
        print(f"{name}: {len(part[1])} rows")


if __name__ == "__main__":
    main()
