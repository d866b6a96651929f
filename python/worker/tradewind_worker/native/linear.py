"""scikit-learn's linear models: a weighted sum, and for classifiers its sign or its largest."""

from .form import Unsupported, is_sklearn, labels

REGRESSORS = (
    "LinearRegression", "Ridge", "RidgeCV", "Lasso", "LassoCV", "ElasticNet", "ElasticNetCV",
    "BayesianRidge", "ARDRegression", "HuberRegressor", "SGDRegressor", "LinearSVR", "Lars", "LassoLars",
)
CLASSIFIERS = (
    "LogisticRegression", "LogisticRegressionCV", "RidgeClassifier", "RidgeClassifierCV",
    "SGDClassifier", "LinearSVC", "Perceptron", "PassiveAggressiveClassifier",
)


def reads(model):
    return is_sklearn(model, *REGRESSORS, *CLASSIFIERS)


def read(model, width, writer):
    import numpy

    coefficients = numpy.asarray(model.coef_)
    if coefficients.dtype != numpy.float64:
        raise Unsupported("its coefficients are of type `%s`" % coefficients.dtype)
    coefficients = numpy.atleast_2d(coefficients)
    intercepts = numpy.atleast_1d(numpy.asarray(model.intercept_, dtype=float)).ravel()
    outputs = coefficients.shape[0]
    if coefficients.shape[1] != width:
        raise Unsupported("its coefficients do not fit its features")
    if len(intercepts) == 1 and outputs > 1:
        intercepts = numpy.repeat(intercepts, outputs)
    head = {
        "kind": "linear",
        "coefficients": writer.array("f64", coefficients),
        "intercepts": writer.array("f64", intercepts),
    }
    if not is_sklearn(model, *CLASSIFIERS):
        if outputs != 1 or numpy.ndim(model.coef_) != 1:
            raise Unsupported("it predicts several targets at once")
        return head, {"kind": "value", "precision": "double"}
    found = labels(model.classes_, writer)
    if outputs == 1:
        return head, {"kind": "threshold", "above": 0.0, "labels": found}
    return head, {"kind": "largest", "labels": found}


def scores(model, rows):
    if hasattr(model, "classes_"):
        return model.decision_function(rows)
    return model.predict(rows)
