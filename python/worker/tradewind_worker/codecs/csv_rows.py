"""CSV (RFC 4180) in and out."""

import csv
import io

from ..faults import Refused
from ..table import Table
from .json_rows import plain


def decode(body, header=None):
    """Rows of a CSV body. `header` is the media type's parameter: `present`, `absent`, or None to
    take the first row as names when none of its cells is a number and a later row has one."""
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Refused(400, "the body is not UTF-8 text: %s" % error) from None
    try:
        lines = [line for line in csv.reader(io.StringIO(text), strict=True) if line]
    except csv.Error as error:
        raise Refused(400, "the body is not CSV: %s" % error) from None
    if not lines:
        raise Refused(400, "the CSV body has no rows")
    widths = {len(line) for line in lines}
    if len(widths) > 1:
        raise Refused(400, "the CSV rows have different numbers of cells: %s" % sorted(widths))
    cells = [[_cell(text) for text in line] for line in lines]
    named = header == "present" or header is None and _names(cells)
    return Table(cells[1:], columns=lines[0]) if named else Table(cells)


def _names(cells):
    first = all(isinstance(cell, str) for cell in cells[0])
    return first and any(isinstance(cell, (int, float)) for row in cells[1:] for cell in row)


def _cell(text):
    text = text.strip()
    if not text:
        return None
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


def encode(value):
    """Predictions as CSV: a row for each item, a cell for each of its values."""
    if not isinstance(value, (list, tuple, dict)):
        value = plain(value)
    if isinstance(value, dict):
        value = value.get("predictions", [value])
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    for row in value if isinstance(value, (list, tuple)) else [value]:
        if isinstance(row, dict):
            row = list(row.values())
        elif not isinstance(row, (list, tuple, str, int, float, type(None))):
            row = plain(row)
        writer.writerow(row if isinstance(row, (list, tuple)) else [row])
    return out.getvalue().encode("utf-8")
