"""Timers and blobs as `azure-functions` has them.

The server's events for this form say in `tradewindTrigger` which trigger they are for.
"""

import base64
import inspect
import re

from ..faults import LoadFault

TIMER = "timerTrigger"
BLOB = "blobTrigger"


def argument_of(kind, event, function):
    """What a function gets for an event."""
    if kind == TIMER:
        from azure.functions.timer import TimerRequest

        status = event.get("scheduleStatus") or {}
        return TimerRequest(past_due=bool(event.get("isPastDue")), schedule_status=status,
                            schedule=event.get("schedule") or {})
    from azure.functions.blob import InputStream

    data = base64.b64decode(event["content"])
    wanted = inspect.signature(function.function).parameters[function.argument].annotation
    if wanted in (str, "str"):
        return data.decode("utf-8")
    if wanted in (bytes, "bytes"):
        return data
    name = "%s/%s" % (event["container"], event["name"])
    return InputStream(data=data, name=name, uri=event.get("uri"), length=len(data),
                       blob_properties=event.get("properties"), metadata=event.get("metadata"))


def blob_pattern(path, name):
    """The pattern of a blob trigger's path: `container/prefix/{name}.{ending}`."""
    if "/" not in path.strip("/") or "%" in path:
        raise LoadFault("the function `%s` waits for blobs at `%s`; that must be a container and a "
                        "pattern of names" % (name, path))
    parts = []
    for position, part in enumerate(re.split(r"\{[^{}]*\}", path.strip("/"))):
        # A pattern in braces stands for anything that is not empty.
        parts.append((".+" if position else "") + re.escape(part))
    return re.compile("".join(parts), re.DOTALL)
