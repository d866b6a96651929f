"""What a forked instance does before it answers: temporary files of its own.

The template lives in a mount namespace in which `/tmp` is its own. An instance gets a namespace
inside that one and a folder of its own as `/tmp`; where the kernel does not allow it, the instances
of one version share theirs, which the server was told by the template's report.
"""

import ctypes
import os
import sys

CLONE_NEWNS = 0x00020000
CLONE_NEWUSER = 0x10000000
MS_BIND = 0x1000
MS_REC = 0x4000
MS_PRIVATE = 1 << 18
CAPABILITY_VERSION = 0x20080522


def settle():
    """Takes a folder of this process's own as `/tmp`."""
    scratch = os.environ.pop("TRADEWIND_SCRATCH", None)
    kept = os.environ.pop("TRADEWIND_KEPT", "")
    if not scratch:
        return
    own = os.path.join(scratch, "instance-%d" % os.getpid())
    try:
        _mount(own, [path for path in kept.split(":") if path])
    except OSError as error:
        print("an instance shares `/tmp` with others of its version: %s" % error, file=sys.stderr)


def _mount(own, kept):
    os.mkdir(own, 0o777)
    user, group = os.getuid(), os.getgid()
    libc = ctypes.CDLL(None, use_errno=True)
    _check(libc.unshare(CLONE_NEWUSER | CLONE_NEWNS))
    _tell("/proc/self/setgroups", "deny")
    _tell("/proc/self/uid_map", "%d %d 1" % (user, user))
    _tell("/proc/self/gid_map", "%d %d 1" % (group, group))
    _check(libc.mount(None, b"/", None, MS_REC | MS_PRIVATE, None))
    # Opened in the new namespace: mounts of another one cannot be shown in it.
    handles = [(path, os.open(path, os.O_PATH)) for path in kept]
    _check(libc.mount(os.fsencode(own), b"/tmp", None, MS_BIND, None))
    for path, handle in handles:
        os.makedirs(path, exist_ok=True)
        source = b"/proc/self/fd/%d" % handle
        _check(libc.mount(source, os.fsencode(path), None, MS_BIND | MS_REC, None))
        os.close(handle)
    os.chdir(os.getcwd())
    # No user namespace below this one, in which there would be rights again (namespaces(7)).
    _tell("/proc/sys/user/max_user_namespaces", "0")
    _drop(libc)


def _drop(libc):
    """Gives the rights inside the namespace up again (capset(2))."""
    head = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION, 0)
    none = (ctypes.c_uint32 * 6)()
    _check(libc.capset(ctypes.byref(head), ctypes.byref(none)))


def _tell(path, text):
    with open(path, "w") as file:
        file.write(text)


def _check(result):
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
