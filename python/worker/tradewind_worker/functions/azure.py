"""Azure Functions' forms, with the user's own `azure-functions`: folders with a `function.json`,
whose script defines `main`, and `function_app.py` with a FunctionApp and decorators.
"""

import json
import logging
import os
import sys
import threading

from ..faults import LoadFault
from . import azure_load, envelope, sandbox
from .azure_events import BLOB, TIMER, argument_of
from .azure_http import HTTP, request_of, response_of


class Handler:
    """Finds the functions of an application and calls the one that a request is for."""

    form = "azure-function"

    def __init__(self, code):
        self._code = code
        self._functions = []
        self._prefix = "api"

    def load(self):
        try:
            import azure.functions  # noqa: F401
        except ImportError:
            raise LoadFault(
                "the package `azure-functions` is not in the environment; add it to "
                "requirements.txt"
            ) from None
        _log_as_the_host_does()
        self._prefix = azure_load.route_prefix(self._code)
        functions = azure_load.functions_in(self._code)
        wanted = os.environ.get("TRADEWIND_AZURE_FUNCTION") or None
        if wanted:
            functions = [one for one in functions if one.name == wanted]
            if not functions:
                raise LoadFault("the application has no function `%s`" % wanted)
        if not functions:
            raise LoadFault(
                "no function was found: write `function_app.py` with a FunctionApp, or a folder "
                "with `function.json`"
            )
        # Of routes that match, the one that says most is meant.
        self._functions = sorted(functions, key=lambda one: one.vagueness)

    def born(self):
        sandbox.settle()

    def signature(self):
        return None

    def answer(self, body, _media, _accept):
        head, payload = envelope.read(body)
        try:
            if head["kind"] == "event":
                return self._event(head, payload)
            return self._http(head, payload)
        finally:
            envelope.finished(head["request"])

    def _http(self, head, payload):
        path = head["path"].strip("/")
        known = False
        for function in self._functions:
            found = function.match(path, self._prefix)
            if found is None:
                continue
            known = True
            if head["method"].upper() not in function.methods:
                continue
            if function.level != "anonymous" and not head.get("keyed"):
                return _response(401, [], b"")
            return _response(*_answer(function, request_of(head, payload, found), head))
        return _response(405 if known else 404, [], b"")

    def _event(self, head, payload):
        """An event goes to the function whose trigger it is for: a timer's, a blob's; any other is
        a POST to the first function with an HTTP trigger."""
        try:
            event = json.loads(payload)
        except ValueError:
            event = None
        kind = event.get("tradewindTrigger") if isinstance(event, dict) else None
        if kind is None and self._functions[0].trigger == TIMER:
            kind, event = TIMER, {}
        if kind is None:
            return self._post(head, payload)
        functions = [one for one in self._functions if one.trigger == kind]
        if kind == BLOB:
            functions = [one for one in functions if one.takes_blob(event)]
        if not functions:
            return _failed("NoTrigger", "no function of the application has a `%s` for this" % kind)
        for function in functions:
            _call(function, argument_of(kind, event, function), head)
        return envelope.write({"kind": "event"}, b"null")

    def _post(self, head, payload):
        function = next((one for one in self._functions if one.trigger == HTTP), None)
        if function is None:
            return _failed("NoTrigger", "the application has no function with an `httpTrigger`")
        request = dict(head, method="POST", path="/" + function.route, query="",
                       headers=[["content-type", "application/json"]])
        status, _headers, data = _answer(function, request_of(request, payload, {}), request)
        if status >= 400:
            return _failed("HTTP%d" % status, data.decode("utf-8", "replace"))
        try:
            json.loads(data)
        except ValueError:
            data = json.dumps(data.decode("utf-8", "replace")).encode("utf-8")
        return envelope.write({"kind": "event"}, data or b"null")


def _answer(function, request, head):
    """The response to a request."""
    return _call(function, request, head, response_of)


def _call(function, value, head, made=lambda value: value):
    """What is made of what a function returns; an error goes to the log, too, as the host sees to."""
    try:
        return made(function.call(value, Context(head, function)))
    except Exception:
        logging.getLogger("azure.functions").exception("the function `%s` failed", function.name)
        raise


def _response(status, headers, data):
    return envelope.write({"kind": "http", "status": status, "headers": headers}, data)


def _failed(kind, message):
    payload = {"errorMessage": message, "errorType": kind}
    return envelope.error(kind, json.dumps(payload).encode("ascii"), "raised")


def _log_as_the_host_does():
    """Azure's worker sends records of the level INFO and above to the host's log."""
    root = logging.getLogger()
    if not root.handlers:
        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(logging.Formatter("%(levelname)s %(name)s: %(message)s"))
        root.addHandler(handler)
        root.setLevel(logging.INFO)


class Context:
    """What a function is told of its call."""

    def __init__(self, head, function):
        self.invocation_id = head["request"]
        self.function_name = function.name
        self.function_directory = function.folder
        self.thread_local_storage = threading.local()
        self.thread_local_storage.invocation_id = head["request"]
        self.trace_context = TraceContext(head)
        self.retry_context = None


class TraceContext:
    """Trace Context (W3C) of the request, where it had one."""

    def __init__(self, head):
        headers = dict((name, value) for name, value in head.get("headers") or ())
        self.trace_parent = self.Traceparent = headers.get("traceparent")
        self.trace_state = self.Tracestate = headers.get("tracestate")
        self.attributes = self.Attributes = {}
