"""A small linear model as functions of Google Cloud: one that answers requests, one that hears of
new objects."""

import json
import math

import functions_framework

BIAS, WEIGHTS = -0.5, [1.5, 0.75]


def score(row):
    """The probability of the label 1."""
    total = BIAS + sum(weight * value for weight, value in zip(WEIGHTS, row, strict=True))
    return 1 / (1 + math.exp(-total))


@functions_framework.http
def predict(request):
    """Vertex AI's shape: `instances` in, `predictions` out."""
    try:
        rows = request.get_json()["instances"]
        scores = [score(row) for row in rows]
    except (KeyError, TypeError, ValueError) as error:
        return {"error": str(error)}, 400
    return {"predictions": scores}


@functions_framework.cloud_event
def arrived(event):
    """Called for each new object of a bucket."""
    data = event.data
    print(json.dumps({"new": f"gs://{data['bucket']}/{data['name']}", "bytes": int(data["size"])}))
