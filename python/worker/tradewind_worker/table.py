"""The rows of one request, whatever form they came in."""

from .faults import Refused


def optional(name):
    """A package of the environment, or None when it is not there."""
    try:
        return __import__(name)
    except ImportError:
        return None


class Table:
    """Rows in the order they were sent; column names and a numpy array when they came with them."""

    def __init__(self, rows, columns=None, array=None, parameters=None, datatype=None):
        self.rows = rows
        self.columns = columns
        self.array = array
        self.parameters = parameters
        self.datatype = datatype

    @staticmethod
    def of_columns(columns, **more):
        """From a mapping of column name to values, all of one length."""
        lengths = {len(values) if isinstance(values, list) else -1 for values in columns.values()}
        if not columns or len(lengths) != 1 or -1 in lengths:
            raise Refused(400, "`inputs` must map each column to a list, all of the same length")
        names = list(columns)
        values = [_flat(columns[name]) for name in names]
        return Table([list(row) for row in zip(*values)], columns=names, **more)

    def instances(self):
        """What a `predict(model, instances)` function is given: the array when one was sent, else
        the rows as they came."""
        return self.array if self.array is not None else self.rows

    def matrix(self, model):
        """What the `predict` of a fitted estimator takes: two dimensions, columns in the order the
        model was trained with."""
        numpy = optional("numpy")
        if self.array is not None:
            return self.array
        rows, columns = self._plain()
        names = getattr(model, "feature_names_in_", None)
        if names is not None and columns is not None:
            rows, columns = _reorder(rows, columns, [str(name) for name in names])
        elif names is not None and rows and len(rows[0]) == len(names):
            columns = [str(name) for name in names]
        if numpy is None:
            return rows
        pandas = optional("pandas") if columns is not None and names is not None else None
        if pandas is not None:
            return pandas.DataFrame(rows, columns=columns)
        return _array(numpy, rows, self.datatype)

    def _plain(self):
        rows, columns = self.rows, self.columns
        if rows and all(isinstance(row, dict) for row in rows):
            columns = list(rows[0])
            for number, row in enumerate(rows):
                for name in columns:
                    if name not in row:
                        raise Refused(400, "row %d has no value for `%s`" % (number, name))
            rows = [[row[name] for name in columns] for row in rows]
            if columns == ["features"] and all(isinstance(row[0], list) for row in rows):
                # SageMaker's form of a row: its values without their names.
                rows, columns = [row[0] for row in rows], self.columns
        elif rows and not any(isinstance(row, (list, tuple, dict)) for row in rows):
            rows = [rows]
        widths = {len(row) if isinstance(row, (list, tuple)) else -1 for row in rows}
        if len(widths) > 1 or -1 in widths:
            raise Refused(400, "the rows must all be lists of the same length")
        return rows, columns


def _flat(values):
    if values and all(isinstance(value, list) and len(value) == 1 for value in values):
        return [value[0] for value in values]
    return values


def _reorder(rows, columns, names):
    places = {str(column): place for place, column in enumerate(columns)}
    missing = [name for name in names if name not in places]
    if missing:
        listed = ", ".join("`%s`" % name for name in missing[:10])
        raise Refused(400, "the model needs columns that were not sent: %s" % listed)
    return [[row[places[name]] for name in names] for row in rows], names


NUMPY_TYPES = {
    "BOOL": "bool", "UINT8": "uint8", "UINT16": "uint16", "UINT32": "uint32", "UINT64": "uint64",
    "INT8": "int8", "INT16": "int16", "INT32": "int32", "INT64": "int64",
    "FP16": "float16", "FP32": "float32", "FP64": "float64",
}


def _array(numpy, rows, datatype):
    try:
        if datatype in NUMPY_TYPES:
            return numpy.array(rows, dtype=NUMPY_TYPES[datatype])
        if any(cell is None for row in rows for cell in row):
            try:
                return numpy.array(rows, dtype=float)
            except (TypeError, ValueError):
                return numpy.array(rows, dtype=object)
        return numpy.array(rows)
    except (TypeError, ValueError, OverflowError) as error:
        raise Refused(400, "the rows cannot be made an array: %s" % error) from error
