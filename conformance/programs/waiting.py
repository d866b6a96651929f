"""Waits in `fit()` for a script that waits to be let go."""

import sys

from common import result, source
from sagemaker import Session, get_execution_role
from sagemaker.sklearn import SKLearn

name, begun, release = sys.argv[1:]
session = Session()
estimator = SKLearn(
    entry_point="train.py",
    source_dir=source("patient"),
    role=get_execution_role(),
    instance_type="ml.m5.large",
    framework_version="1.2-1",
    sagemaker_session=session,
    hyperparameters={"begun": begun, "release": release},
)
estimator.fit(job_name=name, logs=False)
bucket, _, key = estimator.model_data.removeprefix("s3://").partition("/")
model = session.boto_session.client("s3").head_object(Bucket=bucket, Key=key)
result(described=estimator.latest_training_job.describe(), size=model["ContentLength"])
