"""A view of files of this process's own, inside the one that its template was confined to: a `/tmp`
that nobody else writes, and of a folder that holds what belongs to several only its own part.

What is needed of mounting is allowed to a template (binding, and nothing else), and given up here.
"""

import ctypes
import os

CLONE_NEWNS = 0x00020000
CLONE_NEWUSER = 0x10000000
MS_BIND = 0x1000
MS_REC = 0x4000
MS_PRIVATE = 1 << 18
CAPABILITY_VERSION = 0x20080522


def take(own, kept, covered=None):
    """Shows the folder `own`, which is made, as `/tmp`; `kept` are paths below `/tmp` or below the
    folder `covered` that stay as they are, while the rest of `covered` is empty. Raises OSError
    where the kernel does not allow it."""
    os.mkdir(own, 0o777)
    empty = None
    if covered:
        empty = own + "-covered"
        os.mkdir(empty, 0o755)
        for path in kept:
            if _below(path, covered):
                os.makedirs(os.path.join(empty, os.path.relpath(path, covered)), exist_ok=True)
    user, group = os.getuid(), os.getgid()
    libc = ctypes.CDLL(None, use_errno=True)
    _check(libc.unshare(CLONE_NEWUSER | CLONE_NEWNS))
    _tell("/proc/self/setgroups", "deny")
    _tell("/proc/self/uid_map", "%d %d 1" % (user, user))
    _tell("/proc/self/gid_map", "%d %d 1" % (group, group))
    _check(libc.mount(None, b"/", None, MS_REC | MS_PRIVATE, None))
    # Opened in the new namespace: mounts of another one cannot be shown in it.
    handles = [(path, os.open(path, os.O_PATH)) for path in kept]
    if covered:
        handles.insert(0, (covered, os.open(empty, os.O_PATH)))
    _check(libc.mount(os.fsencode(own), b"/tmp", None, MS_BIND, None))
    for path, handle in handles:
        if not os.path.exists(path):
            os.makedirs(path)
        source = b"/proc/self/fd/%d" % handle
        _check(libc.mount(source, os.fsencode(path), None, MS_BIND | MS_REC, None))
        os.close(handle)
    # No user namespace below this one, in which there would be rights again (namespaces(7)).
    _tell("/proc/sys/user/max_user_namespaces", "0")
    _drop(libc)


def _below(path, folder):
    return path.startswith(folder.rstrip("/") + "/")


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
