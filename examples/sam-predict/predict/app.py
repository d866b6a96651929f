"""A linear model with its weights in a file beside the code."""

import json
import math
import os
import pathlib

WEIGHTS = json.loads((pathlib.Path(__file__).parent / "weights.json").read_text())
THRESHOLD = float(os.environ["THRESHOLD"])


def score(row):
    """The probability of the label 1."""
    total = WEIGHTS["bias"] + sum(w * x for w, x in zip(WEIGHTS["weights"], row, strict=True))
    return 1 / (1 + math.exp(-total))


def lambda_handler(event, context):
    """Answers a request of API Gateway."""
    try:
        rows = json.loads(event["body"])["instances"]
        scores = [score(row) for row in rows]
    except (ValueError, KeyError, TypeError) as error:
        return {"statusCode": 400, "body": json.dumps({"message": str(error)})}
    print(f"scored {len(rows)} rows for {context.aws_request_id}")
    answer = {
        "model": os.environ["MODEL"],
        "scores": scores,
        "labels": [int(value >= THRESHOLD) for value in scores],
    }
    return {"statusCode": 200, "body": json.dumps(answer)}
