"""Answers with the digit and how sure the forest is, in the form of SageMaker's containers."""

import json
import os

import joblib
import numpy


def model_fn(model_dir):
    return joblib.load(os.path.join(model_dir, "model.joblib"))


def input_fn(body, content_type):
    if content_type != "application/json":
        raise ValueError(f"this model takes application/json, not {content_type}")
    return numpy.array(json.loads(body)["instances"], dtype=float)


def predict_fn(rows, model):
    sureness = model.predict_proba(rows)
    return [
        {"digit": int(model.classes_[row.argmax()]), "probability": round(float(row.max()), 4)}
        for row in sureness
    ]


def output_fn(predictions, accept):
    return json.dumps({"predictions": predictions}), "application/json"
