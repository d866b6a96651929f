"""Azure Functions' forms, with the user's own `azure-functions`: folders with a `function.json`,
whose script defines `main`, and `function_app.py` with a FunctionApp and decorators.
"""

import importlib.util
import inspect
import json
import os
import re
import sys

from ..faults import LoadFault
from . import envelope, sandbox
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
        self._prefix = _route_prefix(self._code)
        application = os.path.join(self._code, "function_app.py")
        wanted = os.environ.get("TRADEWIND_AZURE_FUNCTION") or None
        if os.path.isfile(application):
            self._functions = _decorated(application)
        else:
            self._functions = _described(self._code)
        if wanted:
            self._functions = [one for one in self._functions if one.name == wanted]
        if not self._functions:
            raise LoadFault(
                "no function was found: write `function_app.py` with a FunctionApp, or a folder "
                "with `function.json`"
            )

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
            if head["method"].upper() in function.methods:
                value = function.call(request_of(head, payload, found), self._context(head, function))
                status, headers, data = response_of(value)
                return envelope.write({"kind": "http", "status": status, "headers": headers}, data)
        status = 405 if known else 404
        return envelope.write({"kind": "http", "status": status, "headers": []}, b"")

    def _event(self, head, payload):
        """A direct call: an HTTP trigger gets it as a POST, a timer gets a timer's request."""
        function = self._functions[0]
        context = self._context(head, function)
        if function.trigger == "timerTrigger":
            function.call(_Timer(), context)
            return envelope.write({"kind": "event"}, b"null")
        if function.trigger != HTTP:
            text = "functions with the trigger `%s` cannot be called here" % function.trigger
            payload = {"errorMessage": text, "errorType": "UnsupportedTrigger"}
            return envelope.error("UnsupportedTrigger", json.dumps(payload).encode(), "raised")
        request = dict(head, method="POST", path="/" + function.route, query="",
                       headers=[["content-type", "application/json"]])
        status, headers, data = response_of(function.call(request_of(request, payload, {}), context))
        if status >= 400:
            kind = "HTTP%d" % status
            told = {"errorMessage": data.decode("utf-8", "replace"), "errorType": kind}
            return envelope.error(kind, json.dumps(told).encode("ascii"), "raised")
        try:
            json.loads(data)
        except ValueError:
            data = json.dumps(data.decode("utf-8", "replace")).encode("utf-8")
        return envelope.write({"kind": "event"}, data)

    def _context(self, head, function):
        return _Context(head["request"], function, self._code)


class _Function:
    """One function: its script, its trigger and where it answers."""

    def __init__(self, name, function, trigger, output):
        self.name = name
        self._function = function
        self.trigger = trigger["type"]
        self._argument = trigger["name"]
        self._output = output
        self.route = (trigger.get("route") or name).strip("/")
        methods = trigger.get("methods") or ["get", "post", "put", "delete", "patch", "head", "options"]
        self.methods = [str(method).upper() for method in methods]
        self._pattern = _pattern(self.route)
        self._takes_context = "context" in inspect.signature(function).parameters

    def match(self, path, prefix):
        """The route's parameters when the path is this function's."""
        if self.trigger != HTTP:
            return None
        if prefix and (path == prefix or path.startswith(prefix + "/")):
            inner = path[len(prefix) :].strip("/")
            found = self._pattern.fullmatch(inner)
            if found:
                return found.groupdict()
        found = self._pattern.fullmatch(path)
        return found.groupdict() if found else None

    def call(self, value, context):
        arguments = {self._argument: value}
        if self._takes_context:
            arguments["context"] = context
        out = None
        if self._output and self._output != "$return":
            out = _Out()
            arguments[self._output] = out
        result = self._function(**arguments)
        if inspect.isawaitable(result):
            import asyncio

            result = asyncio.run(_await(result))
        return out.get() if out is not None and result is None else result


async def _await(value):
    return await value


class _Out:
    """An output binding that is set."""

    def __init__(self):
        self._value = None

    def set(self, value):
        """Keeps the value."""
        self._value = value

    def get(self):
        """What was set."""
        return self._value


class _Timer:
    """What a timer's function is told."""

    past_due = False
    schedule_status = None
    schedule = None


class _Context:
    """What a function is told of its call."""

    def __init__(self, request, function, code):
        self.invocation_id = request
        self.function_name = function.name
        self.function_directory = code
        self.trace_context = None
        self.retry_context = None


def _route_prefix(code):
    try:
        with open(os.path.join(code, "host.json"), encoding="utf-8") as file:
            host = json.load(file)
    except (OSError, ValueError):
        return "api"
    http = (host.get("extensions") or {}).get("http") or {}
    return str(http.get("routePrefix", "api")).strip("/")


def _pattern(route):
    """Routes have parameters as `{name}`, `{name:int}`, `{name?}` and `{*rest}`."""
    parts = []
    for part in route.split("/"):
        inner = part[1:-1] if part.startswith("{") and part.endswith("}") else None
        if inner is None:
            parts.append("/" + re.escape(part))
        elif inner.startswith("*"):
            parts.append("(?:/(?P<%s>.*))?" % inner[1:])
        else:
            name, _, kind = inner.partition(":")
            shape = "[0-9]+" if kind.startswith("int") else "[^/]+"
            if name.endswith("?"):
                parts.append("(?:/(?P<%s>%s))?" % (name[:-1], shape))
            else:
                parts.append("/(?P<%s>%s)" % (name, shape))
    text = "".join(parts)
    return re.compile(text[1:] if text.startswith("/") else text, re.IGNORECASE)


def _load(path, name):
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise LoadFault("`%s` is not a Python file" % path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def _decorated(path):
    from azure.functions.decorators.function_app import FunctionRegister

    module = _load(path, "function_app")
    applications = [v for v in vars(module).values() if isinstance(v, FunctionRegister)]
    if len(applications) != 1:
        raise LoadFault("`function_app.py` must define one FunctionApp; it has %d" % len(applications))
    functions = []
    for one in applications[0].get_functions():
        described = json.loads(str(one))
        functions.append(_of_bindings(one.get_function_name(), one.get_user_function(),
                                      described["bindings"]))
    return functions


def _described(code):
    functions = []
    for name in sorted(os.listdir(code)):
        folder = os.path.join(code, name)
        file = os.path.join(folder, "function.json")
        if not os.path.isfile(file):
            continue
        with open(file, encoding="utf-8") as opened:
            described = json.load(opened)
        script = os.path.join(folder, described.get("scriptFile") or "__init__.py")
        entry = described.get("entryPoint") or "main"
        module = _load(script, name)
        function = getattr(module, entry, None)
        if function is None:
            raise LoadFault("`%s` defines no `%s`" % (script, entry))
        functions.append(_of_bindings(name, function, described.get("bindings") or []))
    return functions


def _of_bindings(name, function, bindings):
    triggers = [one for one in bindings if str(one.get("type", "")).endswith("Trigger")]
    if len(triggers) != 1:
        raise LoadFault("the function `%s` must have one trigger; it has %d" % (name, len(triggers)))
    outputs = [one for one in bindings if str(one.get("direction", "")).lower() == "out"]
    others = [one for one in bindings if one is not triggers[0] and one.get("type") != "http"]
    if others:
        kinds = ", ".join("`%s`" % one.get("type") for one in others)
        raise LoadFault("the function `%s` has bindings that are not served: %s" % (name, kinds))
    output = outputs[0]["name"] if outputs else "$return"
    return _Function(name, function, triggers[0], output)
