"""A small linear model as an application of Azure Functions: a route, a timer and a blob trigger."""

import json
import logging
import math

import azure.functions as func

BIAS, WEIGHTS = -0.5, [1.5, 0.75]
app = func.FunctionApp(http_auth_level=func.AuthLevel.FUNCTION)


def score(row):
    """The probability of the label 1."""
    total = BIAS + sum(weight * value for weight, value in zip(WEIGHTS, row, strict=True))
    return 1 / (1 + math.exp(-total))


@app.route(route="score", methods=["POST"])
def predict(req: func.HttpRequest) -> func.HttpResponse:
    """Scores the rows of `data`."""
    try:
        scores = [score(row) for row in req.get_json()["data"]]
    except (KeyError, TypeError, ValueError) as error:
        return func.HttpResponse(str(error), status_code=400)
    return func.HttpResponse(json.dumps(scores), mimetype="application/json")


@app.route(route="health", methods=["GET"], auth_level=func.AuthLevel.ANONYMOUS)
def health(req: func.HttpRequest) -> str:
    """Answers everybody."""
    return "well"


@app.timer_trigger(schedule="0 */5 * * * *", arg_name="timer")
def tick(timer: func.TimerRequest) -> None:
    """Called by the schedule that the application is deployed with."""
    logging.info("tick, past due: %s", timer.past_due)


@app.blob_trigger(arg_name="blob", path="inbox/{name}", connection="AzureWebJobsStorage")
def arrived(blob: func.InputStream) -> None:
    """Called for each new object of the bucket `inbox`."""
    logging.info("new %s with %d bytes, %d lines", blob.name, blob.length, len(blob.read().splitlines()))
