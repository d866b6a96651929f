"""The whole of a batch transform: load the model, go through the files, write the answers."""

import json
import os
import sys
import tarfile
import tempfile

from .. import faults, handlers
from ..media import MediaType
from . import records

MEGABYTE = 1 << 20


class Wrong(Exception):
    """The data or the request, not the model's code, is at fault."""


def main():
    """Runs it; a failure is written where SageMaker's containers leave theirs."""
    settings = json.loads(os.environ.pop("TRADEWIND_TRANSFORM"))
    try:
        _run(settings)
    except BaseException as error:
        message = _message(error)
        print(message, file=sys.stderr)
        with open(settings["failure"], "w", encoding="utf-8") as file:
            file.write(message[:1024])
        return 1
    return 0


def _message(error):
    if isinstance(error, (Wrong, faults.Refused, faults.LoadFault)):
        return str(error)
    fault = faults.describe(error, "predict")
    print(fault["traceback"], file=sys.stderr)
    place = ""
    if "file" in fault:
        place = " (%s, line %s)" % (os.path.basename(fault["file"]), fault["line"])
    return "%s: %s%s" % (fault["type"], fault["message"], place)


def _run(settings):
    model_dir = _unpacked(settings["model"], tempfile.mkdtemp())
    entry = settings["entry"] and os.path.join(settings["code"], settings["entry"])
    handler = handlers.choose("auto", entry, model_dir)
    handler.load()
    print("the model is loaded as `%s`" % handler.form)
    files = _files(settings["data"])
    if not files:
        raise Wrong("there is no object to transform")
    for path in files:
        count = _transform(settings, handler, path)
        print("%s: %d records" % (path, count))


def _unpacked(folder, scratch):
    """The model's folder; one archive in it is unpacked."""
    names = os.listdir(folder)
    if len(names) != 1 or not names[0].endswith((".tar.gz", ".tgz", ".tar")):
        return folder
    target = os.path.join(scratch, "model")
    os.makedirs(target)
    root = os.path.realpath(target)
    with tarfile.open(os.path.join(folder, names[0])) as archive:
        for member in archive:
            place = os.path.realpath(os.path.join(root, member.name))
            inside = place == root or place.startswith(root + os.sep)
            if not inside or not (member.isfile() or member.isdir()):
                raise Wrong("the model archive has `%s`, which is not a plain file in it" % member.name)
            member.mode = 0o755 if member.isdir() else 0o644
            archive.extract(member, root, set_attrs=False)
    return target


def _files(folder):
    """All files below a folder, relative to it, in order."""
    found = []
    for root, _folders, names in os.walk(folder):
        found += [os.path.relpath(os.path.join(root, name), folder) for name in names]
    return sorted(found)


def _transform(settings, handler, path):
    """Transforms one file; how many records it had. A file that fails leaves no answers."""
    target = os.path.join(settings["output"], path + ".out")
    os.makedirs(os.path.dirname(target), exist_ok=True)
    most = settings["most_megabytes"] * MEGABYTE
    work = records.Work(settings)
    count = 0
    with open(os.path.join(settings["data"], path), "rb") as source, open(target, "wb") as output:
        for batch in work.batches(source, most):
            body = work.payload(batch)
            if most and len(body) > most:
                text = "a record of `%s` is longer than MaxPayloadInMB (%d)"
                raise Wrong(text % (path, settings["most_megabytes"]))
            answer = handler.answer(body, MediaType(settings["content_type"]), settings["accept"])
            if answer.status >= 300:
                raise Wrong("the model answered with status %d" % answer.status)
            count += len(batch)
            for piece in work.answers(batch, bytes(answer.body), answer.content_type):
                output.write(piece)
                if settings["assemble"] == "Line" and not piece.endswith(b"\n"):
                    output.write(b"\n")
    return count
