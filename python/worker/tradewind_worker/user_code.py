"""Imports the user's entry file as a module of its own name, with its folder on the module path."""

import importlib.util
import os
import sys

from .faults import LoadFault


def load(entry):
    """The module of the file `entry`."""
    if not os.path.isfile(entry):
        raise LoadFault("the entry file `%s` does not exist" % entry)
    folder, name = os.path.split(os.path.abspath(entry))
    stem = os.path.splitext(name)[0]
    if folder not in sys.path:
        sys.path.insert(0, folder)
    sys.argv = [entry]
    spec = importlib.util.spec_from_file_location(stem, entry)
    if spec is None or spec.loader is None:
        raise LoadFault("the entry file `%s` is not a Python file" % entry)
    module = importlib.util.module_from_spec(spec)
    sys.modules[stem] = module
    spec.loader.exec_module(module)
    _lend_to_main(module)
    return module


def _lend_to_main(module):
    """Models are often pickled by a script, whose classes are then looked for in `__main__`."""
    main = sys.modules["__main__"]
    for name, value in vars(module).items():
        if not name.startswith("__") and not hasattr(main, name):
            setattr(main, name, value)
