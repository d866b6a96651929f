"""Google Cloud Functions' form: a function of the user's own `functions-framework`, which makes a
WSGI application of it (an ASGI one of those of its `aio`); requests are given to that application
without a socket between.
"""

import datetime
import io
import json
import os
import sys
import uuid

from ..faults import LoadFault
from . import asgi, envelope, sandbox


class Handler:
    """Calls the application that the framework makes."""

    form = "google-function"

    def __init__(self, code):
        self._code = code
        self._application = None
        self._signature = "http"

    def load(self):
        try:
            import functions_framework
        except ImportError:
            raise LoadFault(
                "the package `functions-framework` is not in the environment; add it to "
                "requirements.txt"
            ) from None
        target = os.environ["FUNCTION_TARGET"]
        source = os.path.join(self._code, os.environ.get("FUNCTION_SOURCE") or "main.py")
        self._application = functions_framework.create_app(target, source)
        self._signature = _signature_of(target)

    def born(self):
        sandbox.settle()

    def signature(self):
        return None

    def answer(self, body, _media, _accept):
        head, payload = envelope.read(body)
        try:
            if head["kind"] == "event":
                head, payload = self._as_request(head, payload)
                return _event_answer(self._call(head, payload), self._signature)
            status, headers, data = self._call(head, payload)
            return envelope.write({"kind": "http", "status": status, "headers": headers}, data)
        finally:
            envelope.finished(head["request"])

    def _as_request(self, head, payload):
        """An event as an HTTP request: a CloudEvent (structured mode) where one is expected or
        was sent."""
        kind = "application/json"
        if self._signature == "cloudevent" or _is_cloud_event(payload):
            payload, kind = _cloud_event(payload, head["request"])
        elif self._signature == "event":
            payload = _background_event(payload, head["request"])
        request = {"kind": "http", "request": head["request"], "method": "POST", "path": "/",
                   "query": "", "headers": [["content-type", kind]], "source": "127.0.0.1"}
        return request, payload

    def _call(self, head, payload):
        if not hasattr(self._application, "wsgi_app"):
            return asgi.call(self._application, head, payload)
        sent = {}

        def start_response(status, headers, _error=None):
            sent["status"] = int(status.split(" ", 1)[0])
            sent["headers"] = [[name, value] for name, value in headers]
            return lambda _data: None

        pieces = self._application.wsgi_app(_environ(head, payload), start_response)
        try:
            data = b"".join(pieces)
        finally:
            if hasattr(pieces, "close"):
                pieces.close()
        return sent["status"], sent["headers"], data


def _signature_of(target):
    registry = sys.modules.get("functions_framework._function_registry")
    kinds = getattr(registry, "REGISTRY_MAP", {})
    return kinds.get(target) or os.environ.get("FUNCTION_SIGNATURE_TYPE") or "http"


def _is_cloud_event(payload):
    try:
        value = json.loads(payload)
    except ValueError:
        return False
    return isinstance(value, dict) and {"specversion", "type", "source", "id"} <= value.keys()


def _cloud_event(payload, request):
    """A CloudEvent as it was sent, or one around what was sent (CloudEvents 1.0, JSON format)."""
    try:
        value = json.loads(payload)
    except ValueError:
        value = None
    if not _is_cloud_event(payload):
        value = {"specversion": "1.0", "id": request or str(uuid.uuid4()), "source": "tradewind",
                 "type": "tradewind.invocation", "datacontenttype": "application/json",
                 "data": value}
    return json.dumps(value).encode("utf-8"), "application/cloudevents+json"


def _background_event(payload, request):
    """What functions of the first generation are sent, around what was sent."""
    value = json.loads(payload)
    if not (isinstance(value, dict) and {"context", "data"} <= value.keys()):
        now = datetime.datetime.now(datetime.timezone.utc).isoformat()
        value = {"context": {"eventId": request, "timestamp": now,
                             "eventType": "tradewind.invocation", "resource": "tradewind"},
                 "data": value}
    return json.dumps(value).encode("utf-8")


def _event_answer(response, signature):
    status, headers, data = response
    kind = next((value for name, value in headers if name.lower() == "content-type"), "")
    if status >= 400:
        text = data.decode("utf-8", "replace")
        payload = {"errorMessage": text, "errorType": "HTTP%d" % status}
        return envelope.error("HTTP%d" % status, json.dumps(payload).encode("ascii"), "raised")
    # The framework calls the JSON of `@typed` functions HTML.
    if signature != "typed" and not kind.startswith("application/json"):
        data = json.dumps(data.decode("utf-8", "replace")).encode("utf-8")
    return envelope.write({"kind": "event"}, data)


def _environ(head, payload):
    """The request as WSGI wants it (PEP 3333)."""
    from urllib.parse import unquote_to_bytes

    environ = {
        "REQUEST_METHOD": head["method"],
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(head["path"]).decode("latin-1"),
        "QUERY_STRING": head["query"],
        "REMOTE_ADDR": head["source"],
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "CONTENT_LENGTH": str(len(payload)),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(payload),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": False,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    for name, value in head["headers"]:
        key = name.upper().replace("-", "_")
        if key == "CONTENT_LENGTH":
            continue
        if key != "CONTENT_TYPE":
            key = "HTTP_" + key
        environ[key] = environ[key] + "," + value if key in environ else value
    return environ
