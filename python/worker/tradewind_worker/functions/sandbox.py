"""What a forked instance does before it answers: temporary files of its own.

The template lives in a mount namespace in which `/tmp` is its own. An instance gets a namespace
inside that one and a folder of its own as `/tmp`; where the kernel does not allow it, the instances
of one version share theirs, which the server was told by the template's report.
"""

import os
import sys

from .. import view


def settle():
    """Takes a folder of this process's own as `/tmp`."""
    scratch = os.environ.pop("TRADEWIND_SCRATCH", None)
    kept = os.environ.pop("TRADEWIND_KEPT", "")
    if not scratch:
        return
    own = os.path.join(scratch, "instance-%d" % os.getpid())
    try:
        view.take(own, [path for path in kept.split(":") if path])
        os.chdir(os.getcwd())
    except OSError as error:
        print("an instance shares `/tmp` with others of its version: %s" % error, file=sys.stderr)
