"""A template: it has loaded code and model once and is forked for each replica.

A fork copies only the calling thread, and shares every open file, so a template is used only while
it has one thread and no open file that the user's code brought; what stands against it is said and
the server starts fresh processes instead.
"""

import os
import random
import select
import signal
import socket
import sys

from . import guard

# What a replica needs: its socket, its lifeline, standard output, standard error.
DESCRIPTORS = 4
HARMLESS = ("/dev/null", "/dev/urandom", "/dev/random")


def descriptors():
    """The open descriptors of this process and what they are."""
    found = {}
    for name in os.listdir("/proc/self/fd"):
        try:
            found[int(name)] = os.readlink("/proc/self/fd/" + name)
        except OSError:
            continue  # The one that listed the folder.
    return found


def objection(before):
    """Why this process must not be forked, or None. `before` are the descriptors that were open
    before user code ran."""
    try:
        threads = len(os.listdir("/proc/self/task"))
        now = descriptors()
    except OSError as error:
        return "its threads cannot be counted on this machine (%s)" % error
    if threads > 1:
        return "loading it started %d threads" % (threads - 1)
    for descriptor, target in sorted(now.items()):
        if descriptor not in before and target not in HARMLESS:
            return "loading it left `%s` open" % target
    return None


def serve(connection, channel, lifeline):
    """Forks a replica for each byte that arrives with its descriptors, and tells how replicas end.
    Returns only in a replica, with its socket and its lifeline."""
    woken, waker = socket.socketpair()
    for end in (woken, waker):
        end.setblocking(False)
    signal.signal(signal.SIGCHLD, lambda _number, _frame: None)
    signal.set_wakeup_fd(waker.fileno(), warn_on_full_buffer=False)
    poller = select.poll()
    poller.register(connection, select.POLLIN)
    poller.register(woken, select.POLLIN)
    children = set()
    forks = 0
    while True:
        ready = {descriptor for descriptor, _event in poller.poll()}
        if woken.fileno() in ready:
            _drain(woken)
            _reap(children, channel)
        if connection.fileno() not in ready:
            continue
        received = guard.receive_descriptors(connection, DESCRIPTORS)
        sys.stdout.flush()
        sys.stderr.flush()
        child = os.fork()
        if child == 0:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            woken.close()
            waker.close()
            os.close(lifeline)
            return _become(received)
        _group(child)
        for descriptor in received:
            os.close(descriptor)
        children.add(child)
        forks += 1
        channel.write({"kind": "forked", "process": child, "number": forks})


def _become(received):
    """What the child does before it is a replica like any other."""
    connection, lifeline, output, errors = received
    os.setpgid(0, 0)
    os.dup2(output, 1)
    os.dup2(errors, 2)
    os.close(output)
    os.close(errors)
    random.seed()
    numpy = sys.modules.get("numpy")
    if numpy is not None:
        numpy.random.seed()
    return socket.socket(fileno=connection), lifeline


def _group(child):
    """The child does the same; whoever is first, the group is there when its number is told."""
    try:
        os.setpgid(child, child)
    except OSError:
        pass


def _drain(woken):
    try:
        while woken.recv(4096):
            pass
    except BlockingIOError:
        pass


def _reap(children, channel):
    for child in list(children):
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended == 0:
            continue
        children.discard(child)
        code = None if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)
        number = os.WTERMSIG(status) if os.WIFSIGNALED(status) else None
        channel.write({"kind": "exited", "process": child, "code": code, "signal": number})
