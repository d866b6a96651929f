"""numpy's file format in and out (numpy.lib.format); pickled objects are refused."""

import io

from ..faults import Refused
from ..table import Table, optional


def decode(body):
    """The array of an npy body."""
    numpy = optional("numpy")
    if numpy is None:
        message = "cannot read `application/x-npy`: the environment has no numpy; add it or send JSON"
        raise Refused(415, message)
    try:
        array = numpy.load(io.BytesIO(body), allow_pickle=False)
    except Exception as error:
        raise Refused(400, "the body is not an npy array: %s" % error) from None
    if not isinstance(array, numpy.ndarray):
        raise Refused(400, "the body is an npz archive; send a single npy array")
    return Table(list(array), array=array)


def encode(value):
    """A prediction as an npy array."""
    numpy = optional("numpy")
    if numpy is None:
        message = "cannot answer as `application/x-npy`: the environment has no numpy; add it or ask for JSON"
        raise Refused(406, message)
    if isinstance(value, dict) and "predictions" in value:
        value = value["predictions"]
    out = io.BytesIO()
    array = numpy.asarray(value)
    if array.dtype == object:
        raise TypeError("the prediction is not an array of numbers or text and cannot be written as npy")
    numpy.save(out, array, allow_pickle=False)
    return out.getvalue()
