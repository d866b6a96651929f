"""The bytes of a form: the writing half of `crates/predictors/src/form`."""

import hashlib
import json
import struct

MAGIC = b"TWPREDIC"
VERSION = 1
START = struct.Struct("<8sIIQ")
TYPES = {"f32": "<f4", "f64": "<f8", "i32": "<i4", "i64": "<i8", "u8": "|u1"}


class Unsupported(Exception):
    """The model cannot be read into a form; the message says why."""


class Writer:
    """Collects arrays and writes the form."""

    def __init__(self):
        # As they were given, for whoever looks for telling inputs.
        self.kept = []
        self._arrays = []
        self._bytes = []
        self._length = 0

    def array(self, kind, values):
        """Adds an array of one of TYPES; gives the number by which the head refers to it."""
        import numpy

        values = numpy.asarray(values)
        whole = numpy.ascontiguousarray(values, dtype=TYPES[kind]).ravel()
        if kind[0] in "iu" and not numpy.array_equal(whole, values.ravel()):
            raise Unsupported("a whole number is too large for its array")
        raw = whole.tobytes()
        self.kept.append(whole)
        padding = -self._length % 8
        self._bytes.append(b"\0" * padding + raw)
        self._arrays.append({"type": kind, "offset": self._length + padding, "length": len(whole)})
        self._length += padding + len(raw)
        return len(self._arrays) - 1

    def finish(self, head):
        """The whole form."""
        head = dict(head, arrays=self._arrays)
        text = json.dumps(head, allow_nan=False, separators=(",", ":")).encode("ascii")
        content = START.pack(MAGIC, VERSION, len(text), self._length) + text + b"".join(self._bytes)
        return content + hashlib.sha256(content).digest()


def number(value):
    """A number for the head; JSON has no NaN, null stands for it."""
    value = float(value)
    return None if value != value else value


def is_sklearn(model, *names):
    """Whether a model is exactly one of these classes of scikit-learn."""
    kind = type(model)
    return kind.__name__ in names and kind.__module__.split(".")[0] == "sklearn"


def labels(classes, writer):
    """The labels of a classifier as the head has them."""
    import numpy

    classes = numpy.asarray(classes)
    if classes.ndim != 1:
        raise Unsupported("it predicts several targets at once")
    if classes.dtype.kind == "b":
        return {"bools": classes.tolist()}
    if classes.dtype.kind in "iu":
        return {"ints": {"array": writer.array("i64", classes), "type": str(classes.dtype)}}
    if classes.dtype.kind == "f":
        kept = writer.array("f64", classes)
        return {"floats": {"array": kept, "type": str(classes.dtype)}}
    if classes.dtype.kind in "OU" and all(type(label) in (str, numpy.str_) for label in classes):
        values = [str(label) for label in classes]
        if any("\ud800" <= character <= "\udfff" for value in values for character in value):
            raise Unsupported("a label is not a text that can be sent")
        return {"texts": {"values": values, "type": str(classes.dtype)}}
    raise Unsupported("its labels are of type `%s`" % classes.dtype)


def largest_not_above(probability, least, most, half):
    """The largest number, between least and most, of which a rising function `probability` does not
    yet say that it is more likely than not. `half` cuts an interval in the numbers' precision."""
    while True:
        middle = half(least, most)
        if middle <= least or middle >= most:
            return float(least)
        if probability(middle):
            most = middle
        else:
            least = middle
