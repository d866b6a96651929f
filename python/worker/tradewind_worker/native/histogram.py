"""scikit-learn's HistGradientBoostingClassifier and HistGradientBoostingRegressor: double precision
throughout, missing values have a side of their own at every node."""

from .form import Unsupported, is_sklearn, labels, largest_not_above

# Losses whose raw sum is the answer.
PLAIN = ("squared_error", "absolute_error", "quantile")


def reads(model):
    return is_sklearn(model, "HistGradientBoostingClassifier", "HistGradientBoostingRegressor")


def read(model, _width, writer):
    import numpy

    if getattr(model, "is_categorical_", None) is not None:
        raise Unsupported("some of its features are categories")
    if not hasattr(model, "classes_") and model.loss not in PLAIN:
        raise Unsupported("its loss `%s` transforms the sum" % model.loss)
    trees = [predictor.nodes for stage in model._predictors for predictor in stage]
    if any(tree["is_categorical"].any() for tree in trees):
        raise Unsupported("some of its features are categories")
    groups = len(model._predictors[0])
    joined = lambda name: numpy.concatenate([tree[name] for tree in trees])
    leaf = joined("is_leaf").astype(bool)
    child = lambda name: numpy.where(leaf, -1, joined(name).astype("i8"))
    base = numpy.asarray(model._baseline_prediction, dtype=float).ravel()
    head = {
        "kind": "trees",
        "precision": "double",
        "sum": "double",
        "compare": "at-most",
        "finite": "any",
        "starts": writer.array("i64", numpy.cumsum([0] + [len(tree) for tree in trees])),
        "feature": writer.array("i32", joined("feature_idx")),
        "threshold": writer.array("f64", numpy.where(leaf, 0.0, joined("num_threshold"))),
        "left": writer.array("i32", child("left")),
        "right": writer.array("i32", child("right")),
        "missing_left": writer.array("u8", joined("missing_go_to_left")),
        "value": writer.array("f64", joined("value")),
        "width": 1,
        "group": writer.array("i32", numpy.tile(numpy.arange(groups), len(model._predictors))),
        "base": writer.array("f64", base),
    }
    if not hasattr(model, "classes_"):
        return head, {"kind": "value", "precision": "double"}
    found = labels(model.classes_, writer)
    if groups > 1:
        return head, {"kind": "largest", "labels": found, "softmax": "double"}
    return head, {"kind": "threshold", "above": _least(model), "labels": found}


def _least(model):
    """The largest raw sum that is still the first class: some versions compare the sum with zero,
    others the rounded probabilities with each other."""
    import inspect

    if "predict_proba" not in inspect.getsource(type(model).predict):
        return 0.0
    from scipy.special import expit

    second = lambda raw: expit(raw) > 1.0 - expit(raw)
    return largest_not_above(second, 0.0, 1.0, lambda least, most: (least + most) / 2)


def scores(model, rows):
    return model._raw_predict(rows)
