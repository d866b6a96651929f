"""A script that fails: what the SDK raises and what is described."""

import sys

from common import result, source
from sagemaker import Session, get_execution_role
from sagemaker.exceptions import UnexpectedStatusException
from sagemaker.sklearn import SKLearn

name = sys.argv[1]
session = Session()
estimator = SKLearn(
    entry_point="train.py",
    source_dir=source("failing"),
    role=get_execution_role(),
    instance_type="ml.m5.large",
    framework_version="1.2-1",
    sagemaker_session=session,
)
try:
    estimator.fit(job_name=name, logs=False)
except UnexpectedStatusException as error:
    raised = {"status": error.actual_status, "message": str(error)}
described = session.describe_training_job(name)
result(raised=raised, described=described)
