"""Reads what `joblib.dump` wrote with the interpreter's own unpickler, which is written in C; joblib
reads by the one that is written in Python, and a forest of a hundred trees takes ten times as long.

joblib writes an array's description where the array would be, ends the pickle's frame, and lets the
array's bytes follow. The unpickler, which reads nothing ahead of a frame's end, is given one further
opcode after each description (BINPERSID of pickletools), by which the array takes its place.
"""

import math
import pickle

OURS = ("joblib.numpy_pickle", "NumpyArrayWrapper")
DESCRIBED = {"subclass", "shape", "order", "dtype", "allow_mmap", "numpy_array_alignment_bytes"}
# The first protocol that has frames.
FRAMED = 4


class Unlike(Exception):
    """The file is not of the plain kind that is read here."""


def load(path):
    """The object in an uncompressed file; raises Unlike for what joblib must read itself, and
    whatever the classes in it raise."""
    import numpy

    with open(path, "rb") as file:
        head = file.read(2)
        if len(head) < 2 or head[0] != pickle.PROTO[0] or head[1] < FRAMED:
            raise Unlike
        file.seek(0)
        return _Unpickler(numpy, file).load()


class _Stream:
    """The file, with what is put before its next byte."""

    def __init__(self, file):
        self._file = file
        self.readline = file.readline
        self.before = b""

    def read(self, count):
        before, self.before = self.before, b""
        return before + self._file.read(count - len(before)) if before else self._file.read(count)

    def readinto(self, buffer):
        if self.before:
            raise Unlike
        return self._file.readinto(buffer)


class _Unpickler(pickle.Unpickler):
    def __init__(self, numpy, file):
        stream = _Stream(file)
        super().__init__(stream)

        class Array:
            """Stands for one array from its description to the opcode after it."""

            def __setstate__(self, state):
                self.array = _array(numpy, file, state)
                stream.before = pickle.BINPERSID

        self._standing = Array

    def find_class(self, module, name):
        if (module, name) == OURS:
            return self._standing
        if module.startswith(("joblib.numpy_pickle", "sklearn.externals.joblib")):
            raise Unlike
        return super().find_class(module, name)

    def persistent_load(self, standing):
        if not isinstance(standing, self._standing):
            raise Unlike
        return standing.array


def _array(numpy, file, state):
    kind = state["dtype"]
    plain = state["subclass"] in (numpy.ndarray, numpy.memmap) and state["order"] in ("C", "F")
    if not plain or not DESCRIBED.issuperset(state):
        raise Unlike
    if kind.hasobject:
        return pickle.Unpickler(file).load()
    if not kind.isnative or not kind.itemsize:
        raise Unlike
    if state.get("numpy_array_alignment_bytes") is not None:
        file.read(file.read(1)[0])
    array = numpy.empty(math.prod(state["shape"]), dtype=kind)
    raw = array.view(numpy.uint8)
    if file.readinto(raw) != raw.nbytes:
        raise Unlike
    if state["order"] == "C":
        return array.reshape(state["shape"])
    return array.reshape(state["shape"][::-1]).transpose()
