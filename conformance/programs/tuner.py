"""A tuning job over two hyper-parameters, and its trials."""

import sys

from common import flowers_csv, result, source
from sagemaker import Session, get_execution_role
from sagemaker.sklearn import SKLearn
from sagemaker.tuner import CategoricalParameter, HyperparameterTuner, IntegerParameter

name = sys.argv[1]
session = Session()
data = session.upload_data(flowers_csv(), key_prefix=f"{name}/data")
estimator = SKLearn(
    entry_point="train.py",
    source_dir=source("iris"),
    role=get_execution_role(),
    instance_type="ml.m5.large",
    framework_version="1.2-1",
    sagemaker_session=session,
    hyperparameters={"criterion": "gini"},
)
tuner = HyperparameterTuner(
    estimator,
    objective_metric_name="accuracy",
    metric_definitions=[{"Name": "accuracy", "Regex": "accuracy=([0-9.]+);"}],
    hyperparameter_ranges={
        "n_estimators": IntegerParameter(1, 12),
        "max_depth": CategoricalParameter([1, 4]),
    },
    strategy="Random",
    max_jobs=4,
    max_parallel_jobs=2,
)
tuner.fit({"train": data}, job_name=name[:32])
frame = tuner.analytics().dataframe()
result(
    described=tuner.describe(),
    best=tuner.best_training_job(),
    best_estimator=tuner.best_estimator().hyperparameters(),
    trials=frame.astype(str).to_dict("records"),
)
