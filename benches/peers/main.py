"""The peer functions-framework: a function that answers predictions."""

import os

import functions_framework
import joblib
import numpy

model = joblib.load(os.environ["MODEL"])


@functions_framework.http
def predict(request):
    return {"predictions": model.predict(numpy.array(request.get_json()["instances"])).tolist()}
