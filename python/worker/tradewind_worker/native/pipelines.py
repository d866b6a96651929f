"""Pipelines: the transformers before a model, as steps of the form."""

from .form import Unsupported, is_sklearn, number


def take_apart(model):
    """The fitted transformers of a pipeline and its final estimator."""
    if not is_sklearn(model, "Pipeline"):
        return [], model
    steps, final = [], model
    while is_sklearn(final, "Pipeline"):
        steps += [step for _name, step in final.steps[:-1] if not _is_nothing(step)]
        final = final.steps[-1][1]
    if final is None or isinstance(final, str):
        raise Unsupported("the pipeline ends without a model")
    return steps, final


def read(steps, width, names, writer):
    """The heads of transformers over rows of `width` columns, and the columns that they leave."""
    heads = []
    for step in steps:
        if is_sklearn(step, "Pipeline"):
            inner, final = take_apart(step)
            more, width = read(inner + [final], width, names, writer)
            heads += more
        else:
            head, width = _read(step, width, names, writer)
            heads += head
        names = None
    return heads, width


def _is_nothing(step):
    return step is None or isinstance(step, str) and step == "passthrough"


def _read(step, width, names, writer):
    reader = next((READERS[name] for name in READERS if is_sklearn(step, name)), None)
    if reader is None:
        raise Unsupported("the transformer `%s` is not among those it reads" % type(step).__name__)
    configured = getattr(step, "_sklearn_output_config", {}).get("transform", "default")
    if configured not in ("default", None):
        raise Unsupported("the transformer `%s` gives `%s`" % (type(step).__name__, configured))
    return reader(step, width, names, writer)


def _elementwise(step, width, _names, writer):
    operations = []

    def add(operation, values):
        operations.append({operation: writer.array("f64", values)})

    if is_sklearn(step, "StandardScaler"):
        if step.with_mean:
            add("subtract", step.mean_)
        if step.with_std:
            add("divide", step.scale_)
    elif is_sklearn(step, "RobustScaler"):
        if step.with_centering:
            add("subtract", step.center_)
        if step.with_scaling:
            add("divide", step.scale_)
    elif is_sklearn(step, "MaxAbsScaler"):
        if getattr(step, "clip", False):
            raise Unsupported("a `MaxAbsScaler` clips")
        add("divide", step.scale_)
    else:
        add("multiply", step.scale_)
        add("add", step.min_)
        if step.clip:
            low, high = step.feature_range
            operations.append({"clip": {"low": float(low), "high": float(high)}})
    return [{"kind": "elementwise", "operations": operations}], width


def _impute(step, _width, _names, writer):
    import numpy

    missing = step.missing_values
    if not (isinstance(missing, float) and missing != missing):
        raise Unsupported("an imputer takes `%s` for a missing value" % missing)
    if step.add_indicator:
        raise Unsupported("an imputer adds indicators")
    statistics = step.statistics_
    if statistics.dtype.kind not in "fiu":
        raise Unsupported("an imputer fills in texts")
    statistics = statistics.astype(float)
    kept = numpy.flatnonzero(~numpy.isnan(statistics))
    if getattr(step, "keep_empty_features", False) and len(kept) != len(statistics):
        raise Unsupported("an imputer keeps empty columns")
    head = {"kind": "impute", "keep": writer.array("i32", kept), "fill": writer.array("f64", statistics[kept])}
    return [head], len(kept)


def _categories(values, writer):
    import numpy

    values = numpy.asarray(values)
    if values.dtype.kind in "iuf":
        return {"numbers": writer.array("f64", values)}
    if values.dtype.kind in "OU" and all(type(value) in (str, numpy.str_) for value in values):
        return {"texts": [str(value) for value in values]}
    raise Unsupported("an encoder's categories are neither all texts nor all numbers")


def _one_hot(step, width, _names, writer):
    if getattr(step, "_infrequent_enabled", False):
        raise Unsupported("an encoder joins infrequent categories")
    if step.dtype not in (float, "float64") and getattr(step.dtype, "__name__", "") != "float64":
        raise Unsupported("an encoder gives another type than float64")
    drops = step.drop_idx_ if step.drop_idx_ is not None else [None] * width
    unknown = "decline" if step.handle_unknown == "error" else "ignore"
    if step.handle_unknown not in ("error", "ignore", "infrequent_if_exist"):
        raise Unsupported("an encoder handles unknown categories by `%s`" % step.handle_unknown)
    columns, total = [], 0
    for values, drop in zip(step.categories_, drops):
        drop = None if drop is None else int(drop)
        columns.append({"categories": _categories(values, writer), "drop": drop, "unknown": unknown})
        total += len(values) - (drop is not None)
    return [{"kind": "one-hot", "columns": columns}], total


def _ordinal(step, width, _names, writer):
    if getattr(step, "_infrequent_enabled", False):
        raise Unsupported("an encoder joins infrequent categories")
    if getattr(step.dtype, "__name__", str(step.dtype)) != "float64":
        raise Unsupported("an encoder gives another type than float64")
    unknown = "decline"
    if step.handle_unknown == "use_encoded_value":
        unknown = {"value": number(step.unknown_value)}
    columns = [
        {
            "categories": _categories(values, writer),
            "unknown": unknown,
            "missing": number(step.encoded_missing_value),
        }
        for values in step.categories_
    ]
    return [{"kind": "ordinal", "columns": columns}], width


def _columns(step, width, names, writer):
    parts, total = [], 0
    if step.transformer_weights:
        raise Unsupported("a column transformer weighs its parts")
    for name, transformer, chosen in step.transformers_:
        take = _places(step, name, chosen, width, names)
        if isinstance(transformer, str) and transformer == "drop" or not take:
            continue
        if _is_nothing(transformer) or is_sklearn(transformer, "FunctionTransformer") and transformer.func is None:
            heads, made = [], len(take)
        else:
            heads, made = read([transformer], len(take), None, writer)
        parts.append({"take": take, "steps": heads})
        total += made
    return [{"kind": "columns", "parts": parts}], total


def _places(step, name, chosen, width, names):
    import numpy

    places = getattr(step, "_transformer_to_input_indices", {}).get(name)
    if places is None:
        raise Unsupported("a column transformer does not say which columns it takes")
    return [int(place) for place in numpy.atleast_1d(places)]


READERS = {
    "StandardScaler": _elementwise,
    "MinMaxScaler": _elementwise,
    "MaxAbsScaler": _elementwise,
    "RobustScaler": _elementwise,
    "SimpleImputer": _impute,
    "OneHotEncoder": _one_hot,
    "OrdinalEncoder": _ordinal,
    "ColumnTransformer": _columns,
}
