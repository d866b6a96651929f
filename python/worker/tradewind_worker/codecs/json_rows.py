"""JSON in its usual forms: a list, `instances`, `inputs`, pandas split and records.

Forms: Vertex AI and TensorFlow Serving `{"instances": …}`; MLflow `{"inputs": …}`,
`{"dataframe_split": …}`, `{"dataframe_records": …}`; Azure ML `{"input_data": …}`, `{"data": …}`;
SageMaker's bare list and, for what is asked of an estimator, `{"instances": [{"features": …}]}`.
"""

import json
import math

from ..faults import Refused
from ..table import Table

FORMS = (
    "a list of rows, or an object with `instances`, `inputs`, `dataframe_split`, "
    "`dataframe_records`, `input_data`, or `columns` and `data`"
)


def parse(body):
    """Any JSON value; refuses with 400, saying where it is wrong."""
    try:
        return json.loads(body)
    except RecursionError:
        raise Refused(400, "the body is nested too deeply") from None
    except UnicodeDecodeError as error:
        raise Refused(400, "the body is not UTF-8 text: %s" % error) from None
    except ValueError as error:
        raise Refused(400, "the body is not JSON: %s" % error) from None


def decode(body):
    """The rows of a JSON body."""
    return rows(parse(body))


def rows(value):
    """The rows of a JSON value."""
    if isinstance(value, list):
        return Table(value)
    if not isinstance(value, dict):
        raise Refused(400, "the body must be %s" % FORMS)
    parameters = value.get("parameters")
    if "instances" in value:
        return Table(_listed(value["instances"], "instances"), parameters=parameters)
    for key in ("inputs", "input_data"):
        if key in value:
            return _either(value[key], key, parameters)
    if "dataframe_split" in value:
        return _split(value["dataframe_split"], "dataframe_split", parameters)
    if "dataframe_records" in value:
        records = _listed(value["dataframe_records"], "dataframe_records")
        return Table(records, parameters=parameters)
    if "columns" in value and "data" in value:
        return _split(value, "data", parameters)
    if "data" in value:
        return _either(value["data"], "data", parameters)
    raise Refused(400, "the body must be %s" % FORMS)


def _either(value, key, parameters):
    if isinstance(value, dict):
        # A column that is named `data` has no lists for values.
        if "data" in value and ("columns" in value or _are_rows(value["data"])):
            return _split(value, key, parameters)
        return Table.of_columns(value, parameters=parameters)
    return Table(_listed(value, key), parameters=parameters)


def _are_rows(value):
    return isinstance(value, list) and bool(value) and all(isinstance(row, list) for row in value)


def _split(value, key, parameters):
    if not isinstance(value, dict) or "data" not in value:
        raise Refused(400, "`%s` must be an object with `columns` and `data`" % key)
    data = _listed(value["data"], "data")
    columns = value.get("columns")
    if columns is None:
        return Table(data, parameters=parameters)
    for number, row in enumerate(data):
        if not isinstance(row, list) or len(row) != len(columns):
            message = "row %d of `data` does not have one value for each of the %d `columns`"
            raise Refused(400, message % (number, len(columns)))
    return Table(data, columns=list(columns), parameters=parameters)


def _listed(value, key):
    if not isinstance(value, list):
        raise Refused(400, "`%s` must be a list" % key)
    return value


def encode(value):
    """A value as JSON. JSON has no NaN and no infinity: both become null."""
    try:
        text = json.dumps(value, default=plain, allow_nan=False, separators=(",", ":"))
    except ValueError:
        text = json.dumps(_finite(json.loads(json.dumps(value, default=plain))))
    return text.encode("utf-8")


def plain(value):
    """Arrays, data frames, scalars of packages, dates and sets as what JSON can hold."""
    if hasattr(value, "to_dict") and hasattr(value, "columns"):
        return value.to_dict(orient="records")
    for method in ("tolist", "item", "isoformat"):
        if callable(getattr(value, method, None)):
            return getattr(value, method)()
    if isinstance(value, (set, frozenset)):
        return sorted(value)
    if isinstance(value, (bytes, bytearray)):
        return bytes(value).decode("utf-8")
    raise TypeError("a value of type `%s` cannot be written as JSON" % type(value).__name__)


def _finite(value):
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, list):
        return [_finite(item) for item in value]
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    return value
