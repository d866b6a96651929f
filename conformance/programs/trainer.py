"""The third SDK: a ModelTrainer with a shell entry, and a ModelBuilder on what it made."""

import os
import sys

import boto3
from sagemaker.core import image_uris
from sagemaker.core.helper.session_helper import Session, get_execution_role
from sagemaker.serve.model_builder import ModelBuilder
from sagemaker.train import ModelTrainer
from sagemaker.train.configs import Compute, InputData, SourceCode

from common import flowers, flowers_csv, result, source

name = sys.argv[1]
session = Session()
role = get_execution_role()
image = image_uris.retrieve("sklearn", session.boto_region_name, version="1.2-1", py_version="py3")
data = session.upload_data(flowers_csv(), key_prefix=f"{name}/data")
os.chmod(source("v3/train.sh"), 0o755)
trainer = ModelTrainer(
    training_image=image,
    source_code=SourceCode(source_dir=source("v3"), entry_script="train.sh"),
    compute=Compute(instance_type="ml.m5.large", instance_count=1),
    hyperparameters={"n_estimators": 20, "criterion": "entropy"},
    base_job_name=name,
    role=role,
    sagemaker_session=session,
)
trainer.train(
    input_data_config=[InputData(channel_name="train", data_source=data)], wait=True, logs=True
)
job = trainer._latest_training_job  # The SDK has no other name for it.
job.refresh()

builder = ModelBuilder(
    s3_model_data_url=job.model_artifacts.s3_model_artifacts,
    image_uri=image,
    source_code=SourceCode(source_dir=source("v3"), entry_script="inference.py"),
    role_arn=role,
    instance_type="ml.m5.large",
    sagemaker_session=session,
)
model = builder.build(model_name=name)
endpoint = builder.deploy(
    endpoint_name=name, instance_type="ml.m5.large", initial_instance_count=1, wait=True
)
rows, labels = flowers()
few = "\n".join(",".join(f"{value:.1f}" for value in row) for row in rows[[0, 60, 120]])
answer = endpoint.invoke(body=few, content_type="text/csv", accept="text/csv")
predictions = answer.body.read().decode()
endpoint.delete()
model.delete()
client = boto3.client("sagemaker")
result(
    job=job.training_job_name,
    status=job.training_job_status,
    artifacts=job.model_artifacts.s3_model_artifacts,
    endpoint=endpoint.endpoint_name,
    variant=str(answer.invoked_production_variant),
    labels=labels[[0, 60, 120]].tolist(),
    predictions=predictions,
    left=[m["ModelName"] for m in client.list_models(NameContains=name)["Models"]],
)
