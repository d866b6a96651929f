"""No user code: a model that joblib or pickle wrote, found in the model folder."""

import os
import pickle

from .. import codecs
from ..faults import LoadFault, Refused
from ..table import optional
from . import answer, forests, joblib_file

ENDINGS = (".joblib", ".pkl", ".pickle")


class Handler:
    """Calls the model's own `predict`."""

    form = "saved"

    def __init__(self, _module, model_dir):
        self._model_dir = model_dir
        self.model = None
        self._predictor = None

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
        self._predictor = forests.predictor(self.model)

    def answer(self, body, media, accept):
        table = codecs.decode(body, media)
        return answer.predictions(self._predict(table.matrix(self.model)), accept)

    def answer_many(self, calls):
        """One `predict` over the rows of all calls that can be joined; None for each that must be
        answered alone, which is then told what is wrong with it."""
        numpy = optional("numpy")
        arrays = [self._array(numpy, body, media) for body, media, _accept in calls]
        kinds = {(array.shape[1], array.dtype) for array in arrays if array is not None}
        if len(kinds) != 1:
            return [None] * len(calls)
        joined = numpy.concatenate([array for array in arrays if array is not None])
        predicted = self._predict(joined)
        if len(predicted) != len(joined):
            return [None] * len(calls)
        answers, start = [], 0
        for array, (_body, _media, accept) in zip(arrays, calls):
            if array is None:
                answers.append(None)
                continue
            part = predicted[start : start + len(array)]
            start += len(array)
            try:
                answers.append(answer.predictions(part, accept))
            except Exception:
                answers.append(None)
        return answers

    def _predict(self, rows):
        return (self._predictor or self.model.predict)(rows)

    def _array(self, numpy, body, media):
        try:
            array = codecs.decode(body, media).matrix(self.model)
        except Refused:
            return None
        plain = numpy is not None and type(array) is numpy.ndarray
        return array if plain and array.ndim == 2 and len(array) else None

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
            return _with_joblib(joblib, path)
        with open(path, "rb") as file:
            return pickle.load(file)
    except ModuleNotFoundError as error:
        message = "`%s` needs the package `%s`, which the environment does not have; add it"
        raise LoadFault(message % (path, error.name)) from error
    except Exception as error:
        kind = type(error).__name__
        message = "the model file `%s` cannot be read (%s: %s); it is damaged or was written by other versions of its packages"
        raise LoadFault(message % (path, kind, error)) from error


def _with_joblib(joblib, path):
    """What joblib reads in the file; where the fast way fails, it is joblib that says why."""
    try:
        return joblib_file.load(path)
    except Exception:
        return joblib.load(path)


def _listing(folder):
    names = sorted(os.listdir(folder))
    return ", ".join("`%s`" % name for name in names[:10]) + (" …" if len(names) > 10 else "")
