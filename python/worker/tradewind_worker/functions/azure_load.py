"""The functions of an Azure application: found, checked and made callable."""

import importlib.util
import inspect
import json
import os
import sys

from ..faults import LoadFault
from .azure_events import BLOB, TIMER, blob_pattern
from .azure_http import HTTP, route_pattern

METHODS = ["get", "post", "put", "delete", "patch", "head", "options"]
TRIGGERS = (HTTP, TIMER, BLOB)


class Function:
    """One function: its script, its trigger and where it answers."""

    def __init__(self, name, function, trigger, output, folder):
        self.name = name
        self.folder = folder
        self.function = function
        self.trigger = trigger["type"]
        self.argument = trigger["name"]
        self._output = output
        self.route = str(trigger.get("route") or name).strip("/")
        self.methods = [str(method).upper() for method in trigger.get("methods") or METHODS]
        # What `function.json` does not say is `function` (Azure Functions, "HTTP trigger").
        self.level = str(trigger.get("authLevel") or "function").lower()
        self._pattern = self._blobs = None
        self.vagueness = (0, 0)
        if self.trigger == HTTP:
            self._pattern, self.vagueness = route_pattern(self.route, name)
        if self.trigger == BLOB:
            self._blobs = blob_pattern(str(trigger.get("path") or ""), name)
        self._takes_context = "context" in inspect.signature(function).parameters

    def match(self, path, prefix):
        """The route's parameters when the path is this function's."""
        if self._pattern is None:
            return None
        if prefix and (path.lower() == prefix or path.lower().startswith(prefix + "/")):
            found = self._pattern.fullmatch(path[len(prefix) :].strip("/"))
            if found:
                return found.groupdict()
        found = self._pattern.fullmatch(path)
        return found.groupdict() if found else None

    def takes_blob(self, event):
        """Whether the trigger's path is that of an object."""
        return bool(self._blobs.fullmatch("%s/%s" % (event["container"], event["name"])))

    def call(self, value, context):
        """What the function returns, or sets as its output."""
        arguments = {self.argument: value}
        if self._takes_context:
            arguments["context"] = context
        out = None
        if self._output and self._output != "$return":
            out = Out()
            arguments[self._output] = out
        result = self.function(**arguments)
        if inspect.isawaitable(result):
            import asyncio

            result = asyncio.run(_await(result))
        return out.get() if out is not None and result is None else result


async def _await(value):
    return await value


class Out:
    """An output binding that is set."""

    def __init__(self):
        self._value = None

    def set(self, val):
        """Keeps the value."""
        self._value = val

    def get(self):
        """What was set."""
        return self._value


def route_prefix(code):
    """What comes before every route: `api` unless `host.json` says otherwise."""
    path = os.path.join(code, "host.json")
    try:
        with open(path, encoding="utf-8") as file:
            host = json.load(file)
    except OSError:
        return "api"
    except ValueError as error:
        raise LoadFault("`host.json` is not JSON: %s" % error) from None
    http = (host.get("extensions") or {}).get("http") or {}
    return str(http.get("routePrefix", "api")).strip("/").lower()


def functions_in(code):
    """All functions of an application."""
    application = os.path.join(code, "function_app.py")
    if os.path.isfile(application):
        return _decorated(application, code)
    return _described(code)


def _load(path, name):
    package = [os.path.dirname(path)] if os.path.basename(path) == "__init__.py" else None
    spec = importlib.util.spec_from_file_location(name, path, submodule_search_locations=package)
    if spec is None or spec.loader is None:
        raise LoadFault("`%s` is not a Python file" % path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def _decorated(path, code):
    from azure.functions.decorators.function_app import FunctionRegister

    module = _load(path, "function_app")
    applications = [v for v in vars(module).values() if isinstance(v, FunctionRegister)]
    if len(applications) != 1:
        raise LoadFault("`function_app.py` must define one FunctionApp; it has %d" % len(applications))
    functions = []
    for one in applications[0].get_functions():
        described = json.loads(str(one))
        functions.append(_of_bindings(one.get_function_name(), one.get_user_function(),
                                      described["bindings"], code))
    return functions


def _described(code):
    functions = []
    for name in sorted(os.listdir(code)):
        folder = os.path.join(code, name)
        file = os.path.join(folder, "function.json")
        if not os.path.isfile(file):
            continue
        try:
            with open(file, encoding="utf-8") as opened:
                described = json.load(opened)
        except ValueError as error:
            raise LoadFault("`%s/function.json` is not JSON: %s" % (name, error)) from None
        if described.get("disabled") is True:
            continue
        script = os.path.realpath(os.path.join(folder, described.get("scriptFile") or "__init__.py"))
        entry = described.get("entryPoint") or "main"
        # A script in a package of the function's name, as `from . import other` wants it.
        stem = os.path.splitext(os.path.basename(script))[0]
        plain = os.path.dirname(script) == os.path.realpath(folder)
        if stem != "__init__" and plain and os.path.isfile(os.path.join(folder, "__init__.py")):
            _load(os.path.join(folder, "__init__.py"), name)
        module = _load(script, name if stem == "__init__" else "%s.%s" % (name, stem))
        function = getattr(module, entry, None)
        if function is None:
            raise LoadFault("`%s` defines no `%s`" % (script, entry))
        functions.append(_of_bindings(name, function, described.get("bindings") or [], folder))
    return functions


def _of_bindings(name, function, bindings, folder):
    triggers = [one for one in bindings if str(one.get("type", "")).endswith("Trigger")]
    if len(triggers) != 1:
        raise LoadFault("the function `%s` must have one trigger; it has %d" % (name, len(triggers)))
    [trigger] = triggers
    if trigger["type"] not in TRIGGERS:
        raise LoadFault("the function `%s` has a trigger that is not served: `%s`; these are: %s"
                        % (name, trigger["type"], ", ".join("`%s`" % one for one in TRIGGERS)))
    outputs = [one for one in bindings if str(one.get("direction", "")).lower() == "out"]
    others = [one for one in bindings if one is not trigger and one.get("type") != "http"]
    if others:
        kinds = ", ".join("`%s`" % one.get("type") for one in others)
        raise LoadFault("the function `%s` has bindings that are not served: %s" % (name, kinds))
    output = outputs[0]["name"] if outputs else "$return"
    return Function(name, function, trigger, output, folder)
