"""scikit-learn's GradientBoostingClassifier and GradientBoostingRegressor.

The sum begins with what the initial estimator says, which must be the same for every row, and each
tree adds its leaf times the learning rate.
"""

from .form import Unsupported, is_sklearn, labels
from .forests import nodes


def reads(model):
    return is_sklearn(model, "GradientBoostingClassifier", "GradientBoostingRegressor")


def read(model, width, writer):
    import numpy

    if not (isinstance(model.init_, str) or is_sklearn(model.init_, "DummyClassifier", "DummyRegressor")):
        raise Unsupported("its initial estimator depends on the row")
    rows = numpy.zeros((2, width), dtype=numpy.float32)
    base = numpy.asarray(model._raw_predict_init(rows), dtype=float)
    if base.shape[0] != 2 or not numpy.array_equal(base[0], base[1]):
        raise Unsupported("its initial estimator depends on the row")
    stages, groups = model.estimators_.shape
    trees = [model.estimators_[stage, group].tree_ for stage in range(stages) for group in range(groups)]
    values = numpy.concatenate([tree.value[:, 0, 0] for tree in trees])
    head = nodes(trees, writer)
    head.update(
        finite="finite",
        value=writer.array("f64", model.learning_rate * values),
        width=1,
        group=writer.array("i32", numpy.tile(numpy.arange(groups), stages)),
        base=writer.array("f64", base[0]),
    )
    if not hasattr(model, "classes_"):
        return head, {"kind": "value", "precision": "double"}
    found = labels(model.classes_, writer)
    if groups > 1:
        return head, {"kind": "largest", "labels": found}
    # A decision value of zero is the second class here, other than in linear models.
    return head, {"kind": "threshold", "above": 0.0, "inclusive": True, "labels": found}


def scores(model, rows):
    if hasattr(model, "classes_"):
        return model.decision_function(rows)
    return model.predict(rows)
