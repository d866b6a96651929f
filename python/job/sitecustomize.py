"""Waits for a job in an interpreter that was started before the job was known.

The interpreter finds this file as its `sitecustomize`, the last thing it imports before the script
that it was given. Once the job is told, its variables, its folder and its search path take the
place of those that the interpreter began with, and nothing of this file stays behind.
"""

import os
import sys


def _told(descriptor):
    # From here on nothing can keep the script from being run.
    os.write(descriptor, b"w")
    pieces = []
    while True:
        piece = os.read(descriptor, 65536)
        if not piece:
            break
        pieces.append(piece)
    os.close(descriptor)
    return b"".join(pieces).split(b"\0")


def _become(folder, before, after, variables):
    for name in list(os.environ):
        del os.environ[name]
    for variable in variables:
        name, value = variable.split(b"=", 1)
        os.environb[name] = value
    os.chdir(folder)
    hook = os.path.dirname(__file__)
    sys.path.remove(hook)
    sys.path[:] = [after if path == before else path for path in sys.path]
    # It is remembered which of the folders were not there.
    for path in (hook, before, folder):
        sys.path_importer_cache.pop(path, None)


def _start():
    told = _told(int(os.environ["TRADEWIND_AHEAD"]))
    if told[-1] != b"go":
        # Whoever would have told a job has gone, or was cut short.
        os._exit(0)
    folder, refusal, before, after = map(os.fsdecode, told[:4])
    try:
        _become(folder, before, after, told[4:-1])
    except Exception as error:
        with open(refusal, "w") as file:
            file.write("the job's folder cannot be entered: %s" % error)
        os._exit(126)


_start()
del sys.modules["sitecustomize"]
# The one that the interpreter would have found; that there is none is told as it would have been.
import sitecustomize  # noqa: E402, F401
