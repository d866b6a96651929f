"""Reads a fitted model into the form that the server evaluates by itself, and asks the model what
the server must answer before it may.

Only estimators whose prediction is known to the last step are read, each by the class it has, not
by one it derives from, because a subclass may predict differently. Whatever is not known raises
Unsupported with the reason, and the Python worker serves the model.
"""

import sys

from . import boosting, cases, forests, histogram, lightgbm, linear, pipelines, xgboost
from .form import Unsupported, Writer

FAMILIES = (forests, boosting, histogram, linear, xgboost, lightgbm)

__all__ = ["Unsupported", "export"]

# Before it, leaves held counts, and losses decided over classes.
OLDEST_SCIKIT_LEARN = (1, 4)


def export(handler):
    """The form of a handler's model, and cases to compare the server's answers with, both as bytes;
    raises Unsupported."""
    model = handler.model
    steps, final = pipelines.take_apart(model)
    _versions(model, final)
    family = next((family for family in FAMILIES if family.reads(final)), None)
    if family is None:
        kind = type(final)
        raise Unsupported("`%s.%s` is not among the models it reads" % (kind.__module__, kind.__name__))
    count = getattr(model, "n_features_in_", None)
    if count is None:
        raise Unsupported("the model does not say how many features it takes")
    names = getattr(model, "feature_names_in_", None)
    names = None if names is None else [str(name) for name in names]
    writer = Writer()
    heads, width = pipelines.read(steps, int(count), names, writer)
    head = {
        "family": type(final).__name__,
        "made_with": made_with(),
        "features": int(count),
        "names": names,
        "steps": heads,
    }
    head["model"], head["decision"] = family.read(final, width, writer)
    scores = family.scores if not steps else lambda _final, rows: _scores_behind(model, family, rows)
    asked = cases.ask(handler, cases.columns(head, writer), lambda rows: scores(final, rows))
    return writer.finish(head), asked


def _scores_behind(model, family, rows):
    """The scores of a pipeline's final estimator for rows before the transformers."""
    steps, final = pipelines.take_apart(model)
    for step in steps:
        rows = step.transform(rows)
    return family.scores(final, rows)


def made_with():
    """The packages that take part, and their versions."""
    found = {"python": sys.version.split()[0]}
    for package in ("numpy", "sklearn", "xgboost", "lightgbm"):
        module = sys.modules.get(package)
        if module is not None:
            found[package] = str(getattr(module, "__version__", "unknown"))
    return found


def _versions(*models):
    if not any(type(model).__module__.startswith("sklearn.") for model in models):
        return
    import sklearn

    parts = sklearn.__version__.split(".")[:2]
    if tuple(int(part) for part in parts) < OLDEST_SCIKIT_LEARN:
        raise Unsupported("scikit-learn %s is older than 1.4" % sklearn.__version__)
