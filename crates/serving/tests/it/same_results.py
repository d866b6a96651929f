"""Given the worker's folder: models that its own reading gives and its own way through forests must be
those of joblib and scikit-learn, to the last bit."""

import os
import sys
import tempfile

sys.path.insert(0, sys.argv[1])

import joblib
import numpy
from sklearn import ensemble, linear_model, pipeline, preprocessing
from tradewind_worker.handlers import forests, joblib_file, saved

made = numpy.random.default_rng(0)
rows = made.normal(size=(200, 7))
missing = rows.copy()
missing[made.random(rows.shape) < 0.1] = numpy.nan
classes = made.integers(0, 3, 200)
words = numpy.array(["a", "bb", "ccc"], dtype=object)[classes]
numbers = made.normal(size=200)
file = os.path.join(tempfile.mkdtemp(), "model.joblib")


def outcome(predict, given):
    try:
        value = predict(given)
    except Exception as error:
        return type(error), str(error)
    return value.dtype, value.shape, value.tolist()


forest, extra = ensemble.RandomForestClassifier, ensemble.ExtraTreesClassifier
regressor, others = ensemble.RandomForestRegressor, ensemble.ExtraTreesRegressor
direct = [
    (forest(20), rows, classes), (forest(20), rows, words), (forest(20), missing, classes),
    (forest(20, class_weight="balanced", max_depth=3), rows, classes), (extra(20, bootstrap=True), rows, words),
    (forest(5), rows, numpy.zeros(200)), (forest(1), rows, classes), (forest(20, n_jobs=1), rows, classes),
    (regressor(20), rows, numbers), (regressor(20), missing, numbers), (others(20), rows, numbers),
    (regressor(20, criterion="poisson"), rows, classes.astype(float)),
]
own = [
    (forest(5, n_jobs=2), rows, classes), (forest(5, verbose=1), rows, classes),
    (forest(5), rows, numpy.c_[classes, classes]), (regressor(5), rows, numpy.c_[numbers, numbers]),
    (ensemble.GradientBoostingClassifier(n_estimators=5), rows, words),
    (ensemble.HistGradientBoostingClassifier(max_iter=5), missing, words),
    (pipeline.make_pipeline(preprocessing.StandardScaler(), linear_model.LogisticRegression()), rows, classes),
]
edges = [rows[:1], rows[:0], rows[:, :3], missing[:3], [[float("inf")] * 7], [["x"] * 7], [[1] * 7], rows.astype("f4")]
for faster, models in ((True, direct), (False, own)):
    for model, given, target in models:
        joblib.dump(model.fit(given, target), file)
        read, known = joblib_file.load(file), joblib.load(file)
        predictor = forests.predictor(read)
        assert (predictor is not None) == faster, model
        for some in (given, *edges):
            expected = outcome(known.predict, some)
            assert outcome(predictor or read.predict, some) == expected, (model, expected)
            assert outcome(read.predict, some) == expected, (model, expected)

values = [
    numpy.arange(6).reshape(2, 3), numpy.asfortranarray(numpy.arange(6.0).reshape(2, 3)), numpy.array(3.0),
    numpy.zeros((0, 4)), numpy.array(["a", "b"]), numpy.array([1, None, "x"], dtype=object),
    numpy.array(["2020-01-01"], dtype="M8[D]"), numpy.array([(1, 2.0)], dtype=[("a", "i4"), ("b", "f8")]),
    {"long": numpy.arange(100_000), "same": [numpy.ones(3)] * 2, "bytes": b"x" * 200_000, "text": "y" * 70_000},
]
for value in values:
    joblib.dump(value, file)
    read = joblib_file.load(file)
    assert joblib.hash(read) == joblib.hash(joblib.load(file)), value
    arrays = read.values() if isinstance(read, dict) else [read]
    assert all(array.flags.writeable for array in arrays if isinstance(array, numpy.ndarray))

# What is not of the plain kind is left to joblib, damage too.
for value, how in ((values[0], {"compress": 3}), (values[0], {"protocol": 2}), (numpy.arange(3, dtype=">i4"), {}), (numpy.matrix([[1]]), {})):
    joblib.dump(value, file, **how)
    try:
        joblib_file.load(file)
    except joblib_file.Unlike:
        assert joblib.hash(saved.read(file)) == joblib.hash(joblib.load(file))
    else:
        raise AssertionError((value, how))
joblib.dump(direct[0][0], file)
with open(file, "rb") as whole:
    text = whole.read()
for length in range(0, len(text), 7919):
    with open(file, "wb") as part:
        part.write(text[:length])
    try:
        saved.read(file)
    except saved.LoadFault as fault:
        assert "is damaged" in str(fault)
    else:
        raise AssertionError(length)
print("the same")
