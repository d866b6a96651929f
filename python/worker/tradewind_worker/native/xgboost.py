"""XGBoost's trees, by its own JSON: single precision throughout, left where a value is below the
threshold, a missing value to the default side. Source: XGBoost, "Introduction to Model IO"."""

import json

from .form import Unsupported, labels, largest_not_above

PLAIN = (
    "reg:squarederror", "reg:absoluteerror", "reg:pseudohubererror", "reg:quantileerror",
)


def reads(model):
    kind = type(model)
    names = ("XGBClassifier", "XGBRegressor", "XGBRFClassifier", "XGBRFRegressor")
    return kind.__module__.split(".")[0] == "xgboost" and kind.__name__ in names


def read(model, _width, writer):
    import numpy

    missing = getattr(model, "missing", float("nan"))
    if missing is None or missing == missing:
        raise Unsupported("it takes `%s` for a missing value" % missing)
    document = json.loads(model.get_booster().save_raw("json"))["learner"]
    booster = document["gradient_booster"]
    if booster["name"] != "gbtree":
        raise Unsupported("its booster is `%s`" % booster["name"])
    objective = document["objective"]["name"]
    groups = max(1, int(document["learner_model_param"]["num_class"]))
    trees, group = _used(model, booster["model"])
    if any(tree.get("categories_nodes") or any(tree.get("split_type", [])) for tree in trees):
        raise Unsupported("some of its features are categories")
    if any(int(tree["tree_param"].get("size_leaf_vector", "1")) > 1 for tree in trees):
        raise Unsupported("its leaves hold vectors")
    joined = lambda name: numpy.concatenate([numpy.asarray(tree[name]) for tree in trees])
    conditions = joined("split_conditions").astype("f4")
    left = joined("left_children")
    head = {
        "kind": "trees",
        "precision": "single",
        "sum": "single",
        "compare": "below",
        "finite": "missing",
        "starts": writer.array("i64", numpy.cumsum([0] + [len(tree["left_children"]) for tree in trees])),
        "feature": writer.array("i32", numpy.where(left < 0, 0, joined("split_indices"))),
        "threshold": writer.array("f32", numpy.where(left < 0, numpy.float32(0), conditions)),
        "left": writer.array("i32", left),
        "right": writer.array("i32", joined("right_children")),
        "missing_left": writer.array("u8", joined("default_left").astype("u1")),
        "value": writer.array("f32", conditions),
        "width": 1,
        "group": writer.array("i32", group),
        "base": writer.array("f32", _base(document, objective, groups)),
    }
    return head, _decision(model, objective, groups, writer)


def _used(model, trees):
    """The trees up to the best iteration, as `predict` uses them, and the group of each."""
    group = trees["tree_info"]
    trees = trees["trees"]
    best = getattr(model, "best_iteration", None) if model.get_booster().attr("best_iteration") else None
    if best is not None:
        rounds = model.get_booster().num_boosted_rounds()
        count = len(trees) // rounds * (int(best) + 1)
        trees, group = trees[:count], group[:count]
    return trees, group


def _base(document, objective, groups):
    """What each group's sum begins with, as a margin."""
    import numpy

    text = document["learner_model_param"]["base_score"]
    scores = json.loads(text) if text.startswith("[") else [float(text)]
    scores = numpy.asarray(scores, dtype="f4")
    if objective in ("binary:logistic", "reg:logistic"):
        one = numpy.float32(1)
        # Rounded from double precision, as the C library's logarithm of single precision is.
        scores = -numpy.log((one / scores - one).astype("f8")).astype("f4")
    return scores if len(scores) == groups else numpy.repeat(scores[:1], groups)


def _decision(model, objective, groups, writer):
    import numpy

    if type(model).__name__.endswith("Regressor"):
        if objective not in PLAIN or groups != 1:
            raise Unsupported("its objective `%s` transforms the sum" % objective)
        return {"kind": "value", "precision": "single"}
    found = labels(numpy.arange(int(model.n_classes_)), writer)
    if objective == "binary:logistic" and groups == 1:
        one = numpy.float32(1)
        second = lambda raw: one / (one + numpy.exp(-raw)) > numpy.float32(0.5)
        half = lambda least, most: numpy.float32((float(least) + float(most)) / 2)
        above = largest_not_above(second, numpy.float32(0), one, half)
        return {"kind": "threshold", "above": above, "labels": found}
    if objective in ("multi:softprob", "multi:softmax"):
        softmax = "single" if objective == "multi:softprob" else None
        return {"kind": "largest", "labels": found, "softmax": softmax}
    raise Unsupported("its objective is `%s`" % objective)


def scores(model, rows):
    return model.predict(rows, output_margin=True)
