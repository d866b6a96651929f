"""Waits for a job in an interpreter that was started before the job was known.

The interpreter finds this file as its `sitecustomize`, the last thing it imports before the script
that it was given. Either it waits for one job, or it is a template: it forks for each job that is
asked for, and the fork waits. Once the job is told, its variables, its folder and its search path
take the place of those that the interpreter began with, and nothing of this file stays behind.
"""

import os
import sys

_FOLLOW_PARENT = 1  # PR_SET_PDEATHSIG, prctl(2)
_KILL = 9
_MOUNTS = 0x20000  # CLONE_NEWNS, setns(2)


def _read(descriptor):
    pieces = []
    while True:
        piece = os.read(descriptor, 65536)
        if not piece:
            break
        pieces.append(piece)
    os.close(descriptor)
    return b"".join(pieces).split(b"\0")


def _line(descriptor):
    line = b""
    while not line.endswith(b"\n"):
        piece = os.read(descriptor, 4096)
        if not piece:
            os._exit(0)
        line += piece
    return line


def _means():
    """The C library and the collector; nothing of what is imported for them stays."""
    modules, folders = set(sys.modules), set(sys.path_importer_cache)
    import ctypes
    import gc

    library = ctypes.CDLL(None)
    for name in set(sys.modules) - modules:
        del sys.modules[name]
    for folder in set(sys.path_importer_cache) - folders:
        del sys.path_importer_cache[folder]
    return library, gc


def _template(requests, answers, program, variable):
    """Forks a supervisor for each request, which forks the interpreter of its job; only in that
    one does this come back, with the descriptor on which the job is told and the C library."""
    import _signal

    library, gc = _means()
    library.prctl, library.setns  # Fails here where they are missing.
    requests, answers, program = int(requests), int(answers), int(program)
    for descriptor in (requests, answers, program):
        os.set_inheritable(descriptor, False)
    if len(os.listdir("/proc/self/task")) != 1:
        raise RuntimeError("a process with several threads cannot be forked")
    # Nobody fetches the supervisors.
    _signal.signal(_signal.SIGCHLD, _signal.SIG_IGN)
    # What a collection looks at is copied for the fork that collects: a quarter of all its time.
    gc.collect()
    gc.freeze()
    os.write(answers, b"w")
    request = _line(requests)
    while os.fork() != 0:
        request = _line(requests)
    server, told, tells = request.split()
    os.setsid()
    told = os.open(b"/proc/%s/fd/%s" % (server, told), os.O_RDONLY)
    tells = os.open(b"/proc/%s/fd/%s" % (server, tells), os.O_WRONLY)
    os.write(answers, b".")
    output, error, message = os.pipe(), os.pipe(), os.pipe()
    supervisor = os.getpid()
    _signal.signal(_signal.SIGCHLD, _signal.SIG_DFL)
    job = os.fork()
    if job == 0:
        library.prctl(_FOLLOW_PARENT, _KILL, 0, 0, 0)
        if os.getppid() != supervisor:
            os._exit(0)
        os.setsid()
        nothing = os.open("/dev/null", os.O_RDONLY)
        for number, descriptor in enumerate((nothing, output[1], error[1])):
            os.dup2(descriptor, number)
        os.dup2(message[0], 3, inheritable=False)
        os.closerange(4, max(tells, nothing, *output, *error, *message) + 1)
        return 3, library
    # What an interpreter ignores, a supervisor's children would go on to ignore.
    for number in (_signal.SIGPIPE, _signal.SIGXFSZ):
        _signal.signal(number, _signal.SIG_DFL)
    nothing = os.open("/dev/null", os.O_WRONLY)
    for number, descriptor in enumerate((told, tells, nothing)):
        os.dup2(descriptor, number)
    ends = (output[0], error[0], message[1])
    for descriptor in ends:
        os.set_inheritable(descriptor, True)
    line = ["tradewind", "supervise", "--forked", str(job), *map(str, ends)]
    os.execve(program, line, dict([variable.split("=", 1)]))


def _enter(view, library):
    descriptor = os.open(view, os.O_RDONLY)
    if library.setns(descriptor, _MOUNTS) != 0:
        raise OSError("the job's view of the file system is closed")
    os.close(descriptor)
    # When the machine itself runs out of memory, this goes before the server does.
    try:
        with open("/proc/self/oom_score_adj", "w") as file:
            file.write("500")
    except OSError:
        pass


def _become(folder, before, after, variables):
    for name in list(os.environ):
        del os.environ[name]
    for variable in variables:
        name, value = variable.split(b"=", 1)
        os.environb[name] = value
    os.chdir(folder)
    hook = os.path.dirname(__file__)
    # A template does not look for modules where there is no job yet.
    others = [path for path in sys.path if path not in (hook, folder)]
    others.insert(sys.path.index(hook), folder)
    sys.path[:] = [after if path == before else path for path in others]
    # It is remembered which of the folders were not there.
    for path in (hook, before, folder):
        sys.path_importer_cache.pop(path, None)


def _start():
    words = os.environ["TRADEWIND_AHEAD"].split(":", 3)
    if len(words) == 1:
        descriptor, library = int(words[0]), None
        # From here on nothing can keep the script from being run.
        os.write(descriptor, b"w")
    else:
        try:
            descriptor, library = _template(*words)
        except BaseException:
            os._exit(127)
    told = _read(descriptor)
    if told[-1] != b"go":
        # Whoever would have told a job has gone, or was cut short.
        os._exit(0)
    folder, refusal, before, after, view = map(os.fsdecode, told[:5])
    try:
        if library is not None:
            _enter(view, library)
        _become(folder, before, after, told[5:-1])
    except Exception as error:
        with open(refusal, "w") as file:
            file.write("the job's folder cannot be entered: %s" % error)
        os._exit(126)


_start()
del sys.modules["sitecustomize"]
# The one that the interpreter would have found; that there is none is told as it would have been.
import sitecustomize  # noqa: E402, F401
