"""Apache Arrow's IPC format in and out, stream or file (arrow.apache.org/docs/format/IPC.html), by
the environment's pyarrow."""

from ..faults import Refused
from ..table import Table, optional

FILE_MAGIC = b"ARROW1"


def decode(body):
    """The rows of a table, with the names of its columns."""
    pyarrow = _package(415, "cannot read Arrow: the environment has no pyarrow; add it or send JSON")
    from pyarrow import ipc

    opened = ipc.open_file if body[: len(FILE_MAGIC)] == FILE_MAGIC else ipc.open_stream
    try:
        table = opened(pyarrow.BufferReader(body)).read_all()
        # The format's own checks look at offsets and lengths, which a broken body could set anyhow.
        table.validate(full=True)
        columns = [column.to_pylist() for column in table.columns]
    except (pyarrow.ArrowException, OSError, ValueError) as error:
        raise Refused(400, "the body is not an Arrow table: %s" % error) from None
    rows = [list(row) for row in zip(*columns)]
    return Table(rows, columns=[str(name) for name in table.column_names])


def encode(value):
    """Predictions as a table in the stream format: one column `prediction`, or one of each column
    of the array, or those of a mapping of names to lists."""
    pyarrow = _package(406, "cannot answer as Arrow: the environment has no pyarrow; add it or ask for JSON")
    if isinstance(value, dict) and "predictions" in value:
        value = value["predictions"]
    columns = _columns(value)
    try:
        table = pyarrow.table({name: pyarrow.array(column) for name, column in columns.items()})
    except pyarrow.ArrowException as error:
        raise TypeError("the prediction cannot be written as an Arrow table: %s" % error) from error
    sink = pyarrow.BufferOutputStream()
    with pyarrow.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return sink.getvalue().to_pybytes()


def _columns(value):
    if hasattr(value, "to_dict") and hasattr(value, "columns"):
        return {str(name): value[name].tolist() for name in value.columns}
    if isinstance(value, dict):
        return {str(name): list(column) for name, column in value.items()}
    dimensions = getattr(value, "ndim", None)
    if dimensions == 2:
        return {"prediction_%d" % place: value[:, place] for place in range(value.shape[1])}
    if dimensions not in (None, 1):
        raise TypeError("an array of %s dimensions cannot be written as an Arrow table" % dimensions)
    rows = value if dimensions == 1 else list(value)
    if dimensions is None and rows and all(isinstance(row, dict) for row in rows):
        return {str(name): [row.get(name) for row in rows] for name in rows[0]}
    return {"prediction": rows}


def _package(status, message):
    pyarrow = optional("pyarrow")
    if pyarrow is None:
        raise Refused(status, message)
    return pyarrow
