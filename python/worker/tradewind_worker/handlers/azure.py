"""Azure ML's scoring script: `init()` once, then `run(data)`.

As Azure's inference server does: `run` with one parameter is given the body as text; with several
(or with inference-schema's decorators) the members of the JSON body by name. What it returns is
written as JSON, so a function that returns JSON text gets it quoted; a dict may carry
`aml_response_headers` and `aml_response_body`; an AMLResponse is sent as it is.
"""

import sys

from ..codecs import json_rows
from ..faults import LoadFault, Refused
from ..media import JSON
from .answer import Answer, datatype, of_user
from .parameters import names


class Handler:
    """Calls `run` with the body."""

    form = "azure"

    @staticmethod
    def recognises(module):
        return callable(getattr(module, "run", None)) and callable(getattr(module, "init", None))

    def __init__(self, module, _model_dir):
        if not self.recognises(module):
            raise LoadFault("an Azure scoring script must define `init()` and `run(data)`")
        self._module = module
        self._by_name = False

    def load(self):
        self._by_name = len(names(self._module.run)) > 1 or _decorated(self._module.run)
        self._module.init()

    def answer(self, body, media, accept):
        try:
            text = body.decode("utf-8")
        except UnicodeDecodeError as error:
            raise Refused(400, "the body is not UTF-8 text: %s" % error) from None
        if self._by_name:
            value = self._module.run(**self._arguments(text))
        else:
            value = self._module.run(text)
        return _wrap(value)

    def _arguments(self, text):
        value = json_rows.parse(text)
        if not isinstance(value, dict):
            raise Refused(400, "the body must be a JSON object with the arguments of `run` by name")
        return value

    def signature(self):
        return None


def _decorated(function):
    schema = sys.modules.get("inference_schema.schema_util")
    return bool(schema and schema.is_schema_decorated(function))


def _wrap(value):
    if hasattr(value, "get_data") and hasattr(value, "status_code"):
        return of_user(value, JSON)
    headers = {}
    kind = datatype(value)
    if isinstance(value, dict):
        if "aml_response_headers" in value:
            headers = {str(key): str(text) for key, text in value["aml_response_headers"].items()}
            value = value.get("aml_response_body")
        elif "aml_response_body" in value:
            value = value["aml_response_body"]
    return Answer(json_rows.encode(value), JSON, headers=headers, datatype=kind)
