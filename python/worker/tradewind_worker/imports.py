"""What loading imported from the environment, so that the environment's template can have it
imported already when the next model of that environment is loaded."""

import importlib
import os
import sys

MOST = 10_000


def present():
    """The names of the modules that are there."""
    return set(sys.modules)


def added(before):
    """Modules that came since `before` from the environment or the interpreter itself, in the order
    in which they came; the user's own are not among them."""
    roots = tuple({os.path.join(os.path.realpath(prefix), "") for prefix in (sys.prefix, sys.base_prefix)})
    found = []
    for name, module in list(sys.modules.items()):
        if name not in before and name != "__main__" and _belongs(module, roots):
            found.append(name)
    return found[:MOST]


def _belongs(module, roots):
    spec = getattr(module, "__spec__", None)
    origin = getattr(spec, "origin", None)
    if origin in ("built-in", "frozen"):
        return True
    return isinstance(origin, str) and os.path.realpath(origin).startswith(roots)


def again(names):
    """Imports modules; one that cannot be imported alone is left to whoever needs it."""
    for name in names:
        if name in sys.modules:
            continue
        try:
            importlib.import_module(name)
        except Exception:
            continue
