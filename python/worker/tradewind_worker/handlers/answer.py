"""What a handler gives back."""

from .. import codecs, media

DATATYPES = {
    "bool": "BOOL", "uint8": "UINT8", "uint16": "UINT16", "uint32": "UINT32", "uint64": "UINT64",
    "int8": "INT8", "int16": "INT16", "int32": "INT32", "int64": "INT64",
    "float16": "FP16", "float32": "FP32", "float64": "FP64",
}


class Answer:
    """A body with its media type, HTTP status, further headers and, for arrays, element type."""

    def __init__(self, body, content_type, status=200, headers=None, datatype=None):
        self.body = body
        self.content_type = content_type
        self.status = status
        self.headers = headers or {}
        self.datatype = datatype


def datatype(value):
    """The Open Inference Protocol's name for an array's element type, if it has one."""
    kind = getattr(value, "dtype", None)
    return DATATYPES.get(str(kind)) if kind is not None else None


def predictions(value, accept):
    """A prediction in the form the caller accepts; JSON is `{"predictions": …}`."""
    chosen = media.choose(accept)
    wrapped = value
    if chosen == media.JSON and not (isinstance(value, dict) and "predictions" in value):
        wrapped = {"predictions": value}
    return Answer(codecs.encode(wrapped, chosen), chosen, datatype=datatype(value))


def of_user(value, default_type):
    """What user code returned as a finished body: text, bytes, or a pair of body and media type."""
    if isinstance(value, tuple) and len(value) == 2 and isinstance(value[1], str):
        value, default_type = value
    if hasattr(value, "get_data") and hasattr(value, "status_code"):
        return _of_response(value)
    if hasattr(value, "response") and hasattr(value, "mimetype"):
        status = getattr(value, "status", 200)
        status = status if isinstance(status, int) else 200
        inner = of_user(value.response, value.mimetype or default_type)
        return Answer(inner.body, inner.content_type, status)
    if isinstance(value, str):
        return Answer(value.encode("utf-8"), default_type)
    if isinstance(value, (bytes, bytearray, memoryview)):
        return Answer(bytes(value), default_type)
    return Answer(codecs.encode(value, media.JSON), media.JSON, datatype=datatype(value))


def _of_response(value):
    headers = {str(key): str(text) for key, text in dict(value.headers).items()}
    content_type = headers.pop("Content-Type", media.JSON)
    headers.pop("Content-Length", None)
    return Answer(value.get_data(), content_type, int(value.status_code), headers)
