"""The life of one worker: take the socket, load, say so, answer until told to stop."""

import faulthandler
import gc
import os
import platform
import resource
import socket
import sys
import time

from . import faults, frames, guard, handlers, imports, template
from . import view as views
from .media import MediaType


def main():
    """Runs the worker; the exit code is 0 when the server asked it to stop."""
    try:
        return _run(_take_socket())
    except (frames.Closed, BrokenPipeError, ConnectionResetError):
        return 1


def _run(connection):
    [lifeline] = guard.receive_descriptors(connection, 1)
    guard.tie(lifeline)
    channel = _channel(connection)
    faulthandler.enable()
    order, _ = channel.read()
    if order["kind"] == "gather":
        connection, channel, lifeline, order = _gather(connection, channel, lifeline, order)
        if connection is None:
            return 0
    forked = order["template"] or order.get("learn")
    before = template.descriptors() if forked else {}
    known = imports.present() if forked else set()
    lacks = _move(order)
    handler, ready = _load(channel, order)
    if handler is None:
        return 1
    ready["lacks"] = lacks
    if order.get("export"):
        return _export(channel, handler)
    if order["template"]:
        ready["objection"] = template.objection(before)
        if not ready["objection"]:
            ready["modules"] = imports.added(known)
        channel.write(ready)
        ready["modules"] = []
        if ready["objection"]:
            return 0
        connection, lifeline = template.serve(connection, channel, lifeline)
        guard.tie(lifeline)
        if hasattr(handler, "born"):
            handler.born()
        channel = _channel(connection)
    elif forked and not template.objection(before):
        ready["modules"] = imports.added(known)
    channel.write(ready)
    _answer_all(channel, handler, order["response_limit"], bool(order.get("data_limit")))
    return 0


def _gather(connection, channel, lifeline, order):
    """The template of an environment: it has imported packages and no code or model of anybody, and
    is forked for each process that loads some. Returns in such a process, with its order; or with
    nothing where this process must not be forked."""
    before = template.descriptors()
    imports.again(order["modules"])
    gc.collect()
    gc.freeze()
    objection = template.objection(before)
    channel.write({"kind": "gathered", "objection": objection})
    if objection:
        return None, None, None, None
    connection, lifeline = template.serve(connection, channel, lifeline)
    guard.tie(lifeline)
    channel = _channel(connection)
    order, _ = channel.read()
    return connection, channel, lifeline, order


def _move(order):
    """Takes what is one deployment's own: a view of files, variables, a folder, a limit of memory.
    Returns what this machine did not allow."""
    lacks = []
    view = order.get("view")
    if view:
        try:
            own = os.path.join(view["scratch"], "instance-%d" % os.getpid())
            views.take(own, view["kept"], view["covered"])
        except OSError as error:
            lacks.append("files of the same workspace's other models (%s)" % error)
    if order.get("variables"):
        os.environ.update(order["variables"])
    if order.get("folder"):
        os.chdir(order["folder"])
    if order.get("data_limit"):
        try:
            resource.setrlimit(resource.RLIMIT_DATA, (order["data_limit"],) * 2)
        except (OSError, ValueError) as error:
            lacks.append("memory (%s)" % error)
    return lacks


def _export(channel, handler):
    """Gives the model in the server's own form, with cases to check it by, and leaves."""
    from . import native

    try:
        form, cases = native.export(handler)
    except native.Unsupported as reason:
        channel.write({"kind": "unsupported", "reason": str(reason)})
    except Exception as error:
        reason = "reading it raised %s: %s" % (type(error).__name__, error)
        channel.write({"kind": "unsupported", "reason": reason[:1000]})
    else:
        channel.write({"kind": "exported", "form": len(form)}, form + cases)
    return 0


def _channel(connection):
    channel = frames.Channel(connection)
    # A child that user code forks must not answer in our place.
    os.register_at_fork(after_in_child=channel.close)
    return channel


def _take_socket():
    """The server gives the socket as standard input; user code gets an empty one instead, and its
    prints stay apart from the frames."""
    descriptor = os.dup(0)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(line_buffering=True, errors="backslashreplace")
    return socket.socket(fileno=descriptor)


def _load(channel, order):
    """The handler and what to say of it; nothing but an error frame when it cannot be loaded."""
    began = time.monotonic()
    try:
        handler = handlers.choose(order["form"], order.get("entry"), order["model_dir"])
        handler.load()
        signature = handler.signature()
    except BaseException as error:
        channel.write({"kind": "load-error", "error": faults.describe(error, "load")})
        return None, None
    gc.collect()
    gc.freeze()
    return handler, {
        "kind": "ready",
        "form": handler.form,
        "python": platform.python_version(),
        "load_milliseconds": int((time.monotonic() - began) * 1000),
        "signature": signature,
        "joins": "rows" if hasattr(handler, "answer_many") else "never",
    }


def _answer_all(channel, handler, response_limit, limited):
    process = os.getpid()
    while True:
        header, body = channel.read()
        if header["kind"] == "stop":
            return
        if header["kind"] == "invoke-many":
            reply, payload = _answer_many(handler, header["calls"], body, response_limit)
        else:
            reply, payload = _traced(handler, header, body, response_limit)
        if os.getpid() != process:
            # The handler forked and the child came back: the socket is the parent's.
            os._exit(0)
        reply["id"] = header["id"]
        # What it has taken it will not give back; another one takes its place.
        leaves = limited and reply.get("error", {}).get("type") == "MemoryError"
        if leaves:
            reply["leaves"] = True
        channel.write(reply, payload)
        if leaves:
            return


def _traced(handler, header, body, response_limit):
    """Answers with the trace of the request, if it has one, where OpenTelemetry's SDKs look for it."""
    trace = header.get("traceparent")
    if not trace:
        return _answer(handler, header, body, response_limit)
    os.environ["TRACEPARENT"] = trace
    try:
        return _answer(handler, header, body, response_limit)
    finally:
        os.environ.pop("TRACEPARENT", None)


def _answer(handler, header, body, response_limit):
    try:
        return _reply(handler.answer(*_call(header, body)), response_limit)
    except faults.Refused as refusal:
        return {"kind": "refused", "status": refusal.status, "message": str(refusal)}, b""
    except BaseException as error:
        return {"kind": "error", "error": faults.describe(error, "predict")}, b""


def _answer_many(handler, headers, body, response_limit):
    """Answers calls whose bodies follow each other; each gets what it would have got alone."""
    bodies, start = [], 0
    for header in headers:
        bodies.append(body[start : start + header["length"]])
        start += header["length"]
    calls = [_call(header, part) for header, part in zip(headers, bodies)]
    try:
        answers = handler.answer_many(calls)
    except BaseException:
        answers = [None] * len(calls)
    replies, payloads = [], []
    for number, answer in enumerate(answers):
        if answer is None or len(answer.body) > response_limit:
            reply, payload = _answer(handler, headers[number], bodies[number], response_limit)
        else:
            reply, payload = _reply(answer, response_limit)
        replies.append(dict(reply, id=number, length=len(payload)))
        payloads.append(payload)
    return {"kind": "answers", "answers": replies}, b"".join(payloads)


def _call(header, body):
    return body, MediaType(header.get("content_type")), header.get("accept") or "*/*"


def _reply(answer, response_limit):
    if len(answer.body) > response_limit:
        message = "the answer has %d bytes; the limit is %d" % (len(answer.body), response_limit)
        raise OverflowError(message)
    reply = {
        "kind": "answer",
        "status": answer.status,
        "content_type": answer.content_type,
        "headers": answer.headers,
        "datatype": answer.datatype,
    }
    return reply, answer.body
