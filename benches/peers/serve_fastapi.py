"""The peer FastAPI on uvicorn: the plainest handler that people write."""

import os

import joblib
import numpy
from fastapi import FastAPI, Request

model = joblib.load(os.environ["MODEL"])
app = FastAPI()


@app.post("/predict")
async def predict(request: Request):
    rows = numpy.array((await request.json())["instances"])
    return {"predictions": model.predict(rows).tolist()}
