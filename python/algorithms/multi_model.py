"""What a multi-model endpoint has before a request names a model: each model that is named gets an
endpoint of its own, so that this one is never asked."""


def load(model_dir):
    return None


def predict(model, instances):
    raise ValueError("a multi-model endpoint answers requests that name a TargetModel")
