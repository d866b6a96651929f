"""SageMaker's built-in XGBoost as its documentation describes it, on the XGBoost that PyPI has
(https://docs.aws.amazon.com/sagemaker/latest/dg/xgboost.html): rows with the label first, in CSV
without a header or in LIBSVM, from the channels `train` and `validation`; the booster as
`xgboost-model`."""

import csv
import json
import os
import sys

BASE = os.environ.get("SAGEMAKER_BASE_DIR", "/opt/ml")

WHOLE = {
    "num_round", "early_stopping_rounds", "csv_weights", "max_depth", "max_leaves", "num_class",
    "num_parallel_tree", "nthread", "seed", "verbosity", "max_bin", "sketch_eps", "one_drop",
    "refresh_leaf", "top_k", "_tuning_objective_metric_rounds", "use_dask_gpu_training",
}
REAL = {
    "alpha", "base_score", "colsample_bylevel", "colsample_bynode", "colsample_bytree", "eta",
    "gamma", "lambda", "lambda_bias", "max_delta_step", "min_child_weight", "rate_drop",
    "scale_pos_weight", "skip_drop", "subsample", "tweedie_variance_power", "huber_slope",
    "aft_loss_distribution_scale", "learning_rate", "reg_alpha", "reg_lambda", "min_split_loss",
}
WORDS = {
    "booster", "objective", "tree_method", "grow_policy", "process_type", "sample_type",
    "normalize_type", "updater", "predictor", "dsplit", "interaction_constraints",
    "monotone_constraints", "aft_loss_distribution", "deterministic_histogram", "feature_selector",
    "sampling_method", "eval_metric", "save_model_on_termination", "single_precision_histogram",
}
# Of the algorithm, not of a booster.
OWN = {
    "num_round", "early_stopping_rounds", "csv_weights", "eval_metric", "_tuning_objective_metric",
    "save_model_on_termination", "use_dask_gpu_training", "_tuning_objective_metric_rounds",
    "_kfold", "_num_cv_round",
}
# What newer versions of XGBoost do not know any more and older jobs still name.
GONE = {"dsplit", "predictor", "sketch_eps", "single_precision_histogram", "deterministic_histogram"}


def fail(text):
    """Says what is wrong where SageMaker looks for it, and ends."""
    os.makedirs(os.path.join(BASE, "output"), exist_ok=True)
    with open(os.path.join(BASE, "output", "failure"), "w") as file:
        file.write(text)
    print(text, file=sys.stderr)
    raise SystemExit(1)


def read_hyperparameters(given):
    """Texts as values; what the algorithm does not have is refused, as there."""
    values = {}
    for name, text in given.items():
        try:
            if name in WHOLE:
                values[name] = int(float(text))
            elif name in REAL:
                values[name] = float(text)
            elif name in WORDS or name == "_tuning_objective_metric":
                values[name] = text
            else:
                fail(f"Hyperparameter validation failed: extraneous hyperparameter found: {name}")
        except ValueError:
            fail(f"Hyperparameter validation failed: {name}={text!r} is not a number")
    if values.get("num_round", 0) < 1:
        fail("Hyperparameter validation failed: num_round is required and must be at least 1")
    if values.get("use_dask_gpu_training"):
        fail("use_dask_gpu_training needs GPUs, which this machine does not have")
    for name in ("_kfold", "_num_cv_round"):
        if name in given:
            fail(f"{name}: cross-validation inside a job is not served; split the data")
    return values


def files_of(folder):
    found = []
    for here, folders, names in os.walk(folder):
        folders.sort()
        found += [os.path.join(here, name) for name in sorted(names) if not name.startswith(".")]
    if not found:
        fail(f"the channel at {folder} has no files")
    return found


def format_of(channel, kinds):
    """`csv` or `libsvm`; LIBSVM is what a channel has that does not say."""
    plain = (kinds.get(channel) or "text/libsvm").split(";")[0].strip().lower()
    if plain in ("text/csv", "csv"):
        return "csv"
    if plain in ("text/libsvm", "text/x-libsvm", "libsvm"):
        return "libsvm"
    fail(f"channel {channel}: the content type {plain} is not served; use text/csv or text/libsvm")


def read_csv(paths, weights):
    import numpy

    rows = []
    for path in paths:
        with open(path, newline="") as file:
            for number, row in enumerate(csv.reader(file), 1):
                if not row:
                    continue
                try:
                    rows.append([float(cell) if cell.strip() else numpy.nan for cell in row])
                except ValueError:
                    fail(
                        f"{os.path.basename(path)} line {number} has text: CSV for training has no "
                        "header, and numbers with the label first"
                    )
                if len(rows[-1]) != len(rows[0]):
                    fail(f"{os.path.basename(path)} line {number} has another number of columns")
    table = numpy.array(rows, dtype=float)
    first = 2 if weights else 1
    if table.ndim != 2 or table.shape[1] <= first:
        fail("CSV for training needs a label and at least one feature in each row")
    return table[:, first:], table[:, 0], table[:, 1] if weights else None


def read_libsvm(paths, features):
    import numpy
    import scipy.sparse
    from sklearn.datasets import load_svmlight_file

    parts, labels = [], []
    for path in paths:
        try:
            part, label = load_svmlight_file(path, n_features=features, zero_based=True)
        except ValueError as error:
            fail(f"{os.path.basename(path)} cannot be read as LIBSVM: {error}")
        parts.append(part)
        labels.append(label)
    width = features or max(part.shape[1] for part in parts)
    for part in parts:
        part.resize(part.shape[0], width)
    return scipy.sparse.vstack(parts, format="csr"), numpy.concatenate(labels), None


def read_channel(channel, folder, kinds, values, features=None):
    import xgboost

    paths = files_of(folder)
    if format_of(channel, kinds) == "csv":
        data, label, weight = read_csv(paths, values.get("csv_weights"))
    else:
        data, label, weight = read_libsvm(paths, features)
    return xgboost.DMatrix(data, label=label, weight=weight), data.shape[1]


def main():
    import xgboost

    with open(os.path.join(BASE, "input/config/hyperparameters.json")) as file:
        given = json.load(file)
    with open(os.path.join(BASE, "input/config/inputdataconfig.json")) as file:
        channels = json.load(file)
    values = read_hyperparameters(given)
    kinds = {name: channel.get("ContentType") for name, channel in channels.items()}
    if "train" not in channels:
        fail("the channel train is required")
    data = os.path.join(BASE, "input/data")
    train, features = read_channel("train", os.path.join(data, "train"), kinds, values)
    watched = [(train, "train")]
    if "validation" in channels:
        folder = os.path.join(data, "validation")
        watched.append((read_channel("validation", folder, kinds, values, features)[0], "validation"))
    parameters = {
        name: value for name, value in values.items() if name not in OWN and name not in GONE
    }
    metrics = [word.strip() for word in values.get("eval_metric", "").strip("[]").split(",")]
    metrics = [word.strip("'\" ") for word in metrics if word.strip("'\" ")]
    tuned = values.get("_tuning_objective_metric", "").partition(":")[2]
    if tuned and tuned not in metrics:
        metrics.append(tuned)
    if metrics:
        parameters["eval_metric"] = metrics

    class Told(xgboost.callback.TrainingCallback):
        """Prints each round as the container does, tabs as CloudWatch shows them."""

        def after_iteration(self, model, epoch, evals_log):
            parts = [f"[{epoch}]"]
            for name, found in evals_log.items():
                parts += [f"{name}-{metric}:{history[-1]:.5f}" for metric, history in found.items()]
            print("#011".join(parts), flush=True)
            return False

    try:
        booster = xgboost.train(
            parameters,
            train,
            num_boost_round=values["num_round"],
            evals=watched,
            early_stopping_rounds=values.get("early_stopping_rounds"),
            callbacks=[Told()],
            verbose_eval=False,
        )
    except (ValueError, xgboost.core.XGBoostError) as error:
        fail(f"XGBoost: {str(error).strip().splitlines()[0]}")
    os.makedirs(os.path.join(BASE, "model"), exist_ok=True)
    path = os.path.join(BASE, "model", "xgboost-model")
    booster.save_model(path + ".ubj")
    os.rename(path + ".ubj", path)


if __name__ == "__main__":
    main()
