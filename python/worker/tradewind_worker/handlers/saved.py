"""No user code: a model that joblib or pickle wrote, found in the model folder."""

import os
import pickle

from .. import codecs
from ..faults import LoadFault
from ..table import optional
from . import answer

ENDINGS = (".joblib", ".pkl", ".pickle")


class Handler:
    """Calls the model's own `predict`."""

    form = "saved"

    def __init__(self, _module, model_dir):
        self._model_dir = model_dir
        self.model = None

    def load(self):
        path = find(self._model_dir)
        if path is None:
            raise LoadFault(
                "the model folder has no `*.joblib`, `*.pkl` or `*.pickle` file and no handler was "
                "given; it has: %s" % (_listing(self._model_dir) or "nothing")
            )
        self.model = read(path)
        if not callable(getattr(self.model, "predict", None)):
            kind = type(self.model).__name__
            raise LoadFault("`%s` holds a `%s`, which has no `predict`" % (path, kind))
        if getattr(self.model, "feature_names_in_", None) is not None:
            optional("pandas")

    def answer(self, body, media, accept):
        table = codecs.decode(body, media)
        return answer.predictions(self.model.predict(table.matrix(self.model)), accept)

    def signature(self):
        return signature(self.model)


def signature(model):
    """What a fitted estimator says of itself: feature count, names, type of the answer."""
    count = getattr(model, "n_features_in_", None)
    if count is None:
        return None
    names = getattr(model, "feature_names_in_", None)
    classes = getattr(model, "classes_", None)
    kind = answer.datatype(classes) if classes is not None else "FP64"
    return {
        "features": int(count),
        "names": [str(name) for name in names] if names is not None else None,
        "output": kind or "BYTES",
    }


def find(folder):
    """The one model file of a folder: `model.*` wins; several others are refused."""
    names = sorted(name for name in os.listdir(folder) if name.endswith(ENDINGS))
    preferred = [name for name in names if os.path.splitext(name)[0] == "model"]
    chosen = preferred[:1] or names
    if len(chosen) > 1:
        listed = ", ".join("`%s`" % name for name in chosen)
        raise LoadFault("the model folder has several models: %s; name one `model.joblib`" % listed)
    return os.path.join(folder, chosen[0]) if chosen else None


def read(path):
    """Reads a model file; a damaged one is a LoadFault that names the file."""
    joblib = optional("joblib")
    if joblib is None and path.endswith(".joblib"):
        raise LoadFault("`%s` needs joblib, which the environment does not have; add it" % path)
    try:
        if joblib is not None:
            return joblib.load(path)
        with open(path, "rb") as file:
            return pickle.load(file)
    except ModuleNotFoundError as error:
        message = "`%s` needs the package `%s`, which the environment does not have; add it"
        raise LoadFault(message % (path, error.name)) from error
    except Exception as error:
        kind = type(error).__name__
        message = "the model file `%s` cannot be read (%s: %s); it is damaged or was written by other versions of its packages"
        raise LoadFault(message % (path, kind, error)) from error


def _listing(folder):
    names = sorted(os.listdir(folder))
    return ", ".join("`%s`" % name for name in names[:10]) + (" …" if len(names) > 10 else "")
