"""scikit-learn's single trees and forests.

Features are cast to single precision. A leaf holds the shares of the classes, or the mean; a forest
adds its trees in order and divides by their number; the largest share wins, the first of equals.
"""

from .form import Unsupported, is_sklearn, labels

TREES = ("DecisionTreeClassifier", "DecisionTreeRegressor", "ExtraTreeClassifier", "ExtraTreeRegressor")
FORESTS = ("RandomForestClassifier", "RandomForestRegressor", "ExtraTreesClassifier", "ExtraTreesRegressor")


def reads(model):
    return is_sklearn(model, *TREES, *FORESTS)


def read(model, _width, writer):
    import numpy

    trees = [model] if is_sklearn(model, *TREES) else list(model.estimators_)
    if getattr(model, "n_outputs_", 1) != 1:
        raise Unsupported("it predicts several targets at once")
    classifies = hasattr(model, "classes_")
    values = [tree.tree_.value[:, 0, :] for tree in trees]
    width = values[0].shape[1] if classifies else 1
    head = nodes([tree.tree_ for tree in trees], writer)
    head.update(
        finite="missing" if takes_missing(model) else "finite",
        value=writer.array("f64", numpy.concatenate(values)[:, :width]),
        width=width,
        base=writer.array("f64", numpy.zeros(width)),
        divide=None if is_sklearn(model, *TREES) else float(len(trees)),
    )
    if not classifies:
        return head, {"kind": "value", "precision": "double"}
    return head, {"kind": "largest", "labels": labels(model.classes_, writer)}


def scores(model, rows):
    """What the form's outputs are compared with."""
    if hasattr(model, "classes_"):
        return model.predict_proba(rows)
    return model.predict(rows)


def takes_missing(model):
    """Whether the trees were trained to send missing values somewhere."""
    tags = getattr(model, "__sklearn_tags__", None)
    if tags is not None:
        allowed = tags().input_tags.allow_nan
    else:
        allowed = model._get_tags().get("allow_nan", False)
    if not allowed:
        return False
    trees = getattr(model, "estimators_", [model])
    seen = getattr(model, "_support_missing_values", None)
    return seen is not None and all(hasattr(tree.tree_, "missing_go_to_left") for tree in trees)


def nodes(trees, writer):
    """The head of scikit-learn's compiled trees, but for values and outputs."""
    import numpy

    starts = numpy.cumsum([0] + [tree.node_count for tree in trees])
    joined = lambda take: numpy.concatenate([take(tree) for tree in trees])
    missing = lambda tree: getattr(tree, "missing_go_to_left", numpy.zeros(tree.node_count))
    return {
        "kind": "trees",
        "precision": "single",
        "sum": "double",
        "compare": "at-most",
        "starts": writer.array("i64", starts),
        "feature": writer.array("i32", joined(lambda tree: tree.feature)),
        "threshold": writer.array("f64", joined(lambda tree: tree.threshold)),
        "left": writer.array("i32", joined(lambda tree: tree.children_left)),
        "right": writer.array("i32", joined(lambda tree: tree.children_right)),
        "missing_left": writer.array("u8", joined(missing)),
    }
