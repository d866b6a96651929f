"""Python's logging as Lambda sets it up: one handler at the root, so that code need only set levels
(https://docs.aws.amazon.com/lambda/latest/dg/python-logging.html).

`AWS_LAMBDA_LOG_FORMAT` and `AWS_LAMBDA_LOG_LEVEL` are what a function's logging configuration
becomes.
"""

import json
import logging
import os
import sys
import time

LEVELS = {"TRACE": logging.DEBUG, "DEBUG": logging.DEBUG, "INFO": logging.INFO,
          "WARN": logging.WARNING, "ERROR": logging.ERROR, "FATAL": logging.CRITICAL}
# The call that is being answered.
current = {"request": ""}


def set_up():
    """Gives the root a handler that writes to standard output."""
    written = os.environ.get("AWS_LAMBDA_LOG_FORMAT", "Text").lower()
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(JsonFormatter() if written == "json" else TextFormatter())
    root = logging.getLogger()
    root.addHandler(handler)
    level = LEVELS.get(os.environ.get("AWS_LAMBDA_LOG_LEVEL", "").upper())
    if level is not None and written == "json":
        root.setLevel(level)


def _time(record):
    seconds = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
    return "%s.%03dZ" % (seconds, record.msecs)


class TextFormatter(logging.Formatter):
    """`[INFO]<tab>time<tab>request<tab>message`."""

    def formatMessage(self, record):
        return "[%s]\t%s\t%s\t%s" % (
            record.levelname, _time(record), current["request"], record.message)


class JsonFormatter(logging.Formatter):
    """One JSON object a record."""

    def format(self, record):
        said = {"timestamp": _time(record).split(".")[0] + "Z", "level": record.levelname,
                "message": record.getMessage(), "logger": record.name,
                "requestId": current["request"]}
        if record.exc_info and record.exc_info[0] is not None:
            kind, error, trace = record.exc_info
            said["errorType"] = kind.__name__
            said["errorMessage"] = str(error)
            said["stackTrace"] = self.formatException((kind, error, trace)).splitlines()
        return json.dumps(said, ensure_ascii=False, default=str)
