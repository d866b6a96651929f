"""The peer BentoML with its adaptive batching."""

import os

import bentoml
import joblib
import numpy


@bentoml.service(traffic={"timeout": 60, "max_concurrency": 256})
class Forest:
    def __init__(self):
        self.model = joblib.load(os.environ["MODEL"])

    @bentoml.api(batchable=True, max_batch_size=64, max_latency_ms=60000)
    def predict(self, instances: numpy.ndarray) -> numpy.ndarray:
        return self.model.predict(instances)
