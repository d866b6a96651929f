"""What is told to the server when something goes wrong: type, message, file and line of user code."""

import linecache
import os
import traceback

OURS = os.path.dirname(os.path.abspath(__file__))
LONGEST_MESSAGE = 4096
LONGEST_TRACE = 16384


class Refused(Exception):
    """The request, not the code, is at fault; carries the HTTP status that says so."""

    def __init__(self, status, message):
        super().__init__(message)
        self.status = status


class LoadFault(Exception):
    """The model or the user's code cannot be used; the message says why and what to do."""


def describe(error, stage):
    """An exception as plain data.

    The place is the innermost frame that is neither ours nor inside an installed package; when
    there is none, the innermost that is not ours.
    """
    frames = traceback.extract_tb(error.__traceback__)
    outside = [frame for frame in frames if not frame.filename.startswith(OURS)]
    outside = [frame for frame in outside if not frame.filename.startswith("<frozen")]
    users = [frame for frame in outside if not _installed(frame.filename)]
    place = users[-1] if users else (outside[-1] if outside else None)
    fault = {
        "type": type(error).__name__,
        "message": _shorten(_message(error), LONGEST_MESSAGE),
        "stage": stage,
        "traceback": _trace(error),
    }
    if place is not None:
        fault["file"] = place.filename
        fault["line"] = place.lineno
        fault["function"] = place.name
        fault["code"] = linecache.getline(place.filename, place.lineno or 0).strip()
    if isinstance(error, SyntaxError) and error.filename:
        fault["file"] = error.filename
        fault["line"] = error.lineno
        fault["code"] = (error.text or "").strip()
    return fault


def _message(error):
    if isinstance(error, SystemExit):
        return "the code called sys.exit(%r); a handler must return its answer" % (error.code,)
    if isinstance(error, SyntaxError):
        return error.msg or "invalid syntax"
    try:
        return str(error)
    except Exception:
        return "(the exception cannot be turned into text)"


def _trace(error):
    try:
        text = "".join(traceback.format_exception(type(error), error, error.__traceback__))
    except Exception:
        text = ""
    return _shorten(text, LONGEST_TRACE)


def _shorten(text, most):
    text = text.encode("utf-8", "backslashreplace").decode("utf-8")
    if len(text) <= most:
        return text
    return text[: most // 2] + " … " + text[-(most // 2) :]


def _installed(filename):
    parts = filename.replace("\\", "/").split("/")
    library = any(part.startswith("python3") or part == "lib-dynload" for part in parts)
    return "site-packages" in parts or "dist-packages" in parts or library and "lib" in parts
