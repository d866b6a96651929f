"""The peer awslambdaric: a Lambda handler that answers predictions."""

import os

import joblib
import numpy

model = joblib.load(os.environ["MODEL"])


def lambda_handler(event, context):
    return {"predictions": model.predict(numpy.array(event["instances"])).tolist()}
