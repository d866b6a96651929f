"""`predict(model, instances)`, with an optional `load(model_dir)`.

A third parameter, if `predict` has one, is given the request's `parameters`.
"""

from .. import codecs
from . import answer, saved
from .parameters import count


class Handler:
    """Calls the user's `predict` with what `load`, or the saved model's file, gave."""

    form = "predict"

    @staticmethod
    def recognises(module):
        return callable(getattr(module, "predict", None))

    def __init__(self, module, model_dir):
        self._module = module
        self._model_dir = model_dir
        self.model = None
        # Whether this function takes parameters, which takes longer to see than a small prediction.
        self._seen = None
        self._takes_parameters = False

    def load(self):
        loader = getattr(self._module, "load", None)
        if callable(loader):
            self.model = loader(self._model_dir)
            return
        path = saved.find(self._model_dir)
        self.model = saved.read(path) if path else None

    def answer(self, body, media, accept):
        table = codecs.decode(body, media)
        arguments = [self.model, table.instances()]
        predict = self._module.predict
        if predict is not self._seen:
            self._takes_parameters = count(predict) > 2
            self._seen = predict
        if self._takes_parameters:
            arguments.append(table.parameters)
        return answer.predictions(predict(*arguments), accept)

    def signature(self):
        return saved.signature(self.model)
