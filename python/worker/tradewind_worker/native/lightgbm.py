"""LightGBM's trees, by its own dump: double precision throughout, left where a value is at most the
threshold. Source: LightGBM's `Tree::NumericalDecision` (include/LightGBM/tree.h)."""

from .form import Unsupported, labels, largest_not_above

# kZeroThreshold: such values are not stored in a row, and so are zero.
ZERO = 1e-35
PLAIN = ("regression", "regression_l1", "huber", "fair", "quantile", "mape")


def reads(model):
    kind = type(model)
    return kind.__module__.split(".")[0] == "lightgbm" and kind.__name__ in ("LGBMClassifier", "LGBMRegressor")


def read(model, _width, writer):
    import numpy

    dump = model.booster_.dump_model(num_iteration=model.best_iteration_ or -1)
    objective = (dump.get("objective") or "").split()
    if any(column for column in dump.get("pandas_categorical") or []):
        raise Unsupported("some of its features are categories")
    groups = int(dump["num_tree_per_iteration"])
    trees = [_Tree(tree) for tree in dump["tree_info"]]
    joined = lambda name: numpy.concatenate([numpy.asarray(getattr(tree, name)) for tree in trees])
    head = {
        "kind": "trees",
        "precision": "double",
        "sum": "double",
        "compare": "at-most",
        "finite": "any",
        "zero": float(numpy.float32(ZERO)),
        "starts": writer.array("i64", numpy.cumsum([0] + [len(tree.left) for tree in trees])),
        "feature": writer.array("i32", joined("feature")),
        "threshold": writer.array("f64", joined("threshold")),
        "left": writer.array("i32", joined("left")),
        "right": writer.array("i32", joined("right")),
        "missing_left": writer.array("u8", joined("missing_left")),
        "value": writer.array("f64", joined("value")),
        "width": 1,
        "group": writer.array("i32", numpy.arange(len(trees)) % groups),
        "base": writer.array("f64", numpy.zeros(groups)),
        "divide": float(len(trees) // groups) if dump.get("average_output") else None,
    }
    return head, _decision(model, objective, groups, writer)


class _Tree:
    """One tree of the dump as lists, level by level."""

    def __init__(self, tree):
        if tree.get("num_cat", 0):
            raise Unsupported("some of its features are categories")
        self.feature, self.threshold, self.missing_left, self.value = [], [], [], []
        self.left, self.right = [], []
        waiting = [tree["tree_structure"]]
        for node in waiting:
            inner = "split_feature" in node
            if not inner and "leaf_const" in node:
                raise Unsupported("its leaves are linear models")
            self.feature.append(node["split_feature"] if inner else 0)
            self.threshold.append(float(node["threshold"]) if inner else 0.0)
            self.missing_left.append(int(inner and _missing_left(node)))
            self.value.append(0.0 if inner else float(node["leaf_value"]))
            self.left.append(len(waiting) if inner else -1)
            self.right.append(len(waiting) + 1 if inner else -1)
            if inner:
                waiting += [node["left_child"], node["right_child"]]


def _missing_left(node):
    if node["decision_type"] != "<=":
        raise Unsupported("some of its features are categories")
    if node["missing_type"] == "None":
        # A missing value counts as zero.
        return float(node["threshold"]) >= 0.0
    if node["missing_type"] == "NaN":
        return bool(node["default_left"])
    raise Unsupported("it takes zero for a missing value")


def _decision(model, objective, groups, writer):
    import numpy

    name = objective[0] if objective else ""
    if type(model).__name__ == "LGBMRegressor":
        if name not in PLAIN or "sqrt" in objective:
            raise Unsupported("its objective `%s` transforms the sum" % " ".join(objective))
        return {"kind": "value", "precision": "double"}
    found = labels(model.classes_, writer)
    if name == "binary" and groups == 1 and len(model.classes_) == 2:
        steepness = [part.split(":")[1] for part in objective if part.startswith("sigmoid:")]
        steepness = float(steepness[0]) if steepness else 1.0
        share = lambda raw: 1.0 / (1.0 + numpy.exp(-steepness * raw))
        second = lambda raw: share(raw) > 1.0 - share(raw)
        above = largest_not_above(second, 0.0, 1.0 / steepness, lambda least, most: (least + most) / 2)
        return {"kind": "threshold", "above": above, "labels": found}
    if name == "multiclass" and groups == len(model.classes_):
        return {"kind": "largest", "labels": found, "softmax": "double"}
    raise Unsupported("its objective is `%s`" % " ".join(objective))


def scores(model, rows):
    return model.predict(rows, raw_score=True)
