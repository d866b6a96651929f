"""Reads request bodies into tables and writes predictions, by media type."""

from ..faults import Refused
from ..media import ARROW, ARROW_FILE, CSV, JSON, NPY
from . import arrow, csv_rows, json_rows, npy


def decode(body, media):
    """The rows of a body; refuses with 400 or 415."""
    if media.is_json:
        table = json_rows.decode(body)
    elif media.name == CSV:
        table = csv_rows.decode(body, media.parameters.get("header"))
    elif media.name == NPY:
        table = npy.decode(body)
    elif media.name in (ARROW, ARROW_FILE):
        table = arrow.decode(body)
    else:
        listed = "`%s`, `%s`, `%s`, `%s`" % (JSON, CSV, NPY, ARROW)
        raise Refused(415, "cannot read `%s`; send %s" % (media.name, listed))
    table.datatype = media.parameters.get("datatype")
    return table


def encode(value, media_name):
    """A prediction as bytes of the given media type, which must be one that can be written."""
    if media_name == CSV:
        return csv_rows.encode(value)
    if media_name == NPY:
        return npy.encode(value)
    if media_name == ARROW:
        return arrow.encode(value)
    return json_rows.encode(value)
