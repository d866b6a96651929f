"""SageMaker's inference script: `model_fn`, `input_fn`, `predict_fn`, `output_fn`, `transform_fn`.

What the script does not define is done as the scikit-learn container does: JSON, CSV and npy are
read into an array (text forms as float32), `predict` of the model is called, and the array is
written as JSON, CSV or npy. A script without `model_fn` is given the saved model of the folder.
"""

import os

from .. import codecs, media as media_types
from ..faults import LoadFault, Refused
from ..table import optional
from . import forests, saved
from .answer import Answer, datatype, of_user
from .parameters import names

FUNCTIONS = ("model_fn", "input_fn", "predict_fn", "output_fn", "transform_fn")


class Context:
    """What newer scripts take as `context`: the properties they read from it."""

    def __init__(self, model_dir):
        self.system_properties = {"model_dir": model_dir, "gpu_id": None}
        self.model_name = os.path.basename(model_dir.rstrip("/"))


class Handler:
    """Calls the script's functions, with the container's defaults for those it lacks."""

    form = "sagemaker"

    @staticmethod
    def recognises(module):
        return any(callable(getattr(module, name, None)) for name in FUNCTIONS)

    def __init__(self, module, model_dir):
        if not self.recognises(module):
            listed = ", ".join("`%s`" % name for name in FUNCTIONS)
            raise LoadFault("a SageMaker script must define at least one of %s" % listed)
        self._functions = {name: getattr(module, name, None) for name in FUNCTIONS}
        if self._functions["transform_fn"] and any(
            self._functions[name] for name in ("input_fn", "predict_fn", "output_fn")
        ):
            raise LoadFault(
                "define either `transform_fn` or `input_fn`, `predict_fn` and `output_fn`, not both"
            )
        # Asked once: to look at a function's parameters takes longer than a small prediction.
        self._parameters = {
            name: names(function) for name, function in self._functions.items() if function
        }
        self._model_dir = model_dir
        self._context = Context(model_dir)
        self.model = None
        self._predictor = None

    def load(self):
        self.model = self._model()
        asked = self._functions["predict_fn"] or self._functions["transform_fn"]
        if not asked and not callable(getattr(self.model, "predict", None)):
            message = "define `predict_fn(data, model)`: what `model_fn` gives is a `%s`, which has no `predict`"
            raise LoadFault(message % type(self.model).__name__)
        self._predictor = forests.predictor(self.model)

    def _model(self):
        if self._functions["model_fn"]:
            return self._call("model_fn", self._model_dir)
        path = saved.find(self._model_dir)
        if path is None:
            raise LoadFault("define `model_fn(model_dir)`: the model folder has no joblib or pickle file")
        return saved.read(path)

    def answer(self, body, media, accept):
        accept = media_types.JSON if accept in ("", "*/*") else accept
        given = _given(body, media)
        if self._functions["transform_fn"]:
            value = self._call("transform_fn", self.model, given, media.name, accept)
            return of_user(value, accept)
        if self._functions["input_fn"]:
            data = self._call("input_fn", given, media.name)
        else:
            data = _default_input(body, media)
        if self._functions["predict_fn"]:
            prediction = self._call("predict_fn", data, self.model)
        else:
            prediction = (self._predictor or self.model.predict)(data)
        if self._functions["output_fn"]:
            return of_user(self._call("output_fn", prediction, accept), accept)
        chosen = media_types.choose(accept)
        return Answer(codecs.encode(prediction, chosen), chosen, datatype=datatype(prediction))

    def _call(self, name, *arguments):
        function = self._functions[name]
        if "context" in self._parameters[name][len(arguments) :]:
            return function(*arguments, context=self._context)
        return function(*arguments)

    def signature(self):
        return saved.signature(self.model)


def _given(body, media):
    if not media.is_text:
        return body
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Refused(400, "the body is not UTF-8 text: %s" % error) from None


def _default_input(body, media):
    numpy = optional("numpy")
    table = codecs.decode(body, media)
    if numpy is None:
        return table.instances()
    if table.array is not None:
        return table.array
    try:
        kind = None if media.parameters.get("datatype") else numpy.float32
        return numpy.asarray(table.matrix(None), dtype=kind)
    except (TypeError, ValueError) as error:
        raise Refused(400, "the rows cannot be made an array of numbers: %s" % error) from None
