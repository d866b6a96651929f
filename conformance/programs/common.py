"""What the programs share: the flowers as a file, and the printing of their result."""

import json
import os
import tempfile

import boto3
from sklearn.datasets import load_iris


def flowers():
    """Features and labels of the data set that scikit-learn ships."""
    return load_iris(return_X_y=True)


def flowers_csv(labels=True):
    """A CSV file of them without a header, the label first."""
    folder = tempfile.mkdtemp(dir=os.environ["TMPDIR"])
    path = os.path.join(folder, "iris.csv")
    with open(path, "w") as file:
        for row, label in zip(*flowers(), strict=True):
            words = [str(label)] * labels + [f"{value:.1f}" for value in row]
            file.write(",".join(words) + "\n")
    return path


def source(name):
    """The folder of a script beside this file."""
    return os.path.join(os.path.dirname(os.path.abspath(__file__)), name)


def soon(waiter, **names):
    """Waits with one of boto3's waiters, asking each second."""
    made = boto3.client("sagemaker").get_waiter(waiter)
    made.wait(**names, WaiterConfig={"Delay": 1, "MaxAttempts": 170})


def result(**facts):
    """The last line, for the test."""
    print("\n" + json.dumps(facts, default=str))
