"""AWS Lambda's form: `handler(event, context)`.

Follows the documented behaviour of Lambda's Python runtime: the context object, how events and
answers are JSON, and the shape of errors (https://docs.aws.amazon.com/lambda/latest/dg/python-handler.html,
python-context.html, python-exceptions.html).
"""

import importlib
import json
import os
import sys
import time
import traceback

from . import aws_log, envelope, sandbox

OURS = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


class ImportModuleError(Exception):
    """Shown as Runtime.ImportModuleError."""


class HandlerNotFound(Exception):
    """Shown as Runtime.HandlerNotFound."""


class UserCodeSyntaxError(Exception):
    """Shown as Runtime.UserCodeSyntaxError."""


class Handler:
    """Calls the user's function with an event and a context."""

    form = "aws-function"

    def __init__(self):
        self._function = None

    def load(self):
        aws_log.set_up()
        module_name, _, name = os.environ["_HANDLER"].rpartition(".")
        try:
            module = importlib.import_module(module_name.replace("/", "."))
        except ImportError as error:
            text = "Unable to import module '%s': %s" % (module_name, error)
            raise ImportModuleError(text) from None
        except SyntaxError as error:
            text = "Syntax error in module '%s': %s" % (module_name, error)
            raise UserCodeSyntaxError(text) from None
        function = getattr(module, name, None)
        if function is None:
            text = "Handler '%s' missing on module '%s'" % (name, module_name)
            raise HandlerNotFound(text)
        self._function = function

    def born(self):
        sandbox.settle()

    def signature(self):
        return None

    def answer(self, body, _media, _accept):
        head, payload = envelope.read(body)
        aws_log.current["request"] = head["request"]
        os.environ["AWS_LAMBDA_LOG_STREAM_NAME"] = head["stream"]
        if head.get("trace"):
            os.environ["_X_AMZN_TRACE_ID"] = head["trace"]
        try:
            return self._call(head, payload)
        finally:
            envelope.finished(head["request"])

    def _call(self, head, payload):
        context = Context(head)
        try:
            event = json.loads(payload)
        except ValueError as error:
            text = "Unable to unmarshal input: %s" % error
            return _failed("Runtime.UnmarshalError", text, [], head)
        try:
            result = self._function(event, context)
        except SystemExit as error:
            # As on Lambda the process ends; the server tells that it did.
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(error.code if isinstance(error.code, int) else 1)
        except BaseException as error:
            return _raised(error, head)
        try:
            text = json.dumps(result, ensure_ascii=False, default=_decimal).encode("utf-8")
        except Exception as error:
            text = "Unable to marshal response: %s" % error
            return _failed("Runtime.MarshalError", text, [], head, "bad-answer")
        return envelope.write({"kind": "event"}, text)


def _decimal(value):
    import decimal

    if isinstance(value, decimal.Decimal):
        return float(value)
    raise TypeError("Object of type %s is not JSON serializable" % type(value).__name__)


def _raised(error, head):
    frames = traceback.extract_tb(error.__traceback__)
    frames = [frame for frame in frames if not frame.filename.startswith(OURS)]
    lines = traceback.format_list(frames)
    try:
        message = str(error)
    except Exception:
        message = "(the exception cannot be turned into text)"
    print("[ERROR] %s: %s\nTraceback (most recent call last):\n%s" % (
        type(error).__name__, message, "".join(lines)), file=sys.stdout, flush=True)
    return _failed(type(error).__name__, message, lines, head)


def _failed(kind, message, lines, head, where="raised"):
    payload = {
        "errorMessage": message,
        "errorType": kind,
        "requestId": head["request"],
        "stackTrace": lines,
    }
    return envelope.error(kind, json.dumps(payload).encode("ascii"), where)


class Context:
    """What a function is told of its call."""

    def __init__(self, head):
        client = head.get("client_context")
        self.aws_request_id = head["request"]
        self.invoked_function_arn = head["invoked"]
        self.function_name = os.environ["AWS_LAMBDA_FUNCTION_NAME"]
        self.function_version = os.environ["AWS_LAMBDA_FUNCTION_VERSION"]
        self.memory_limit_in_mb = os.environ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"]
        self.log_group_name = os.environ["AWS_LAMBDA_LOG_GROUP_NAME"]
        self.log_stream_name = os.environ["AWS_LAMBDA_LOG_STREAM_NAME"]
        self.tenant_id = None
        self.client_context = _Client(json.loads(client)) if client else None
        self.identity = _Members({}, ("cognito_identity_id", "cognito_identity_pool_id"))
        self._deadline = head["deadline_ms"]

    def get_remaining_time_in_millis(self):
        """Milliseconds until the function is ended."""
        return max(0, self._deadline - int(time.time() * 1000))

    def log(self, message):
        """Writes to the log as it is."""
        sys.stdout.write(str(message))

    def __repr__(self):
        shown = {k: v for k, v in vars(self).items() if not k.startswith("_")}
        return "LambdaContext(%s)" % ",".join("%s=%s" % pair for pair in shown.items())


class _Members:
    def __init__(self, values, names):
        for name in names:
            setattr(self, name, values.get(name))


class _Client:
    def __init__(self, values):
        names = ("installation_id", "app_title", "app_version_name", "app_version_code",
                 "app_package_name")
        self.custom = values.get("custom")
        self.env = values.get("env")
        self.client = _Members(values.get("client") or {}, names)
