"""Answers for a model of SageMaker's built-in XGBoost
(https://docs.aws.amazon.com/sagemaker/latest/dg/xgboost.html): rows of CSV or LIBSVM without
labels; scores as CSV, or as JSON where that is accepted."""

import io
import json
import os
import pickle


def model_fn(model_dir):
    import xgboost

    path = os.path.join(model_dir, "xgboost-model")
    if not os.path.exists(path):
        names = [name for name in sorted(os.listdir(model_dir)) if not name.startswith(".")]
        if not names:
            raise ValueError("the model has no file")
        path = os.path.join(model_dir, names[0])
    booster = xgboost.Booster()
    try:
        booster.load_model(path)
    except xgboost.core.XGBoostError:
        # Versions of the container before 1.3 left a pickle.
        with open(path, "rb") as file:
            booster = pickle.load(file)
    return booster


def input_fn(body, content_type):
    import numpy

    text = body.decode() if isinstance(body, bytes) else body
    plain = (content_type or "text/csv").split(";")[0].strip().lower()
    if plain in ("text/csv", "csv"):
        rows = [
            [float(cell) if cell.strip() else numpy.nan for cell in line.split(",")]
            for line in text.splitlines()
            if line.strip()
        ]
        return numpy.array(rows, dtype=float)
    if plain in ("text/libsvm", "text/x-libsvm", "libsvm"):
        from sklearn.datasets import load_svmlight_file

        # Requests may leave the label out; the reader wants one.
        lines = [line for line in text.splitlines() if line.strip()]
        lines = [line if ":" not in line.split()[0] else f"0 {line}" for line in lines]
        return load_svmlight_file(io.BytesIO("\n".join(lines).encode()), zero_based=True)[0]
    raise ValueError(f"the content type {plain} is not served; use text/csv or text/libsvm")


def predict_fn(data, booster):
    import numpy
    import xgboost

    if not isinstance(data, numpy.ndarray):
        # A sparse request may leave the last features out.
        data.resize(data.shape[0], max(booster.num_features(), data.shape[1]))
    best = booster.attr("best_iteration")
    rounds = (0, int(best) + 1) if best else (0, 0)
    return booster.predict(xgboost.DMatrix(data), iteration_range=rounds, validate_features=False)


def output_fn(scores, accept):
    values = scores.tolist()
    plain = (accept or "text/csv").split(";")[0].strip().lower()
    if plain == "application/json":
        return json.dumps({"predictions": [{"score": value} for value in values]}), plain

    def text(value):
        return ",".join(map(str, value)) if isinstance(value, list) else str(value)

    batch = "TRADEWIND_TRANSFORM" in os.environ
    lines = [text(value) for value in values]
    return ("\n".join(lines) + "\n") if batch else ",".join(lines), "text/csv"
