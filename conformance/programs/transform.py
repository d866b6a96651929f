"""A batch of predictions from a fitted estimator."""

import sys

from common import flowers_csv, result, source
from sagemaker import Session, get_execution_role
from sagemaker.s3 import S3Downloader
from sagemaker.sklearn import SKLearn

name = sys.argv[1]
session = Session()
estimator = SKLearn(
    entry_point="train.py",
    source_dir=source("iris"),
    role=get_execution_role(),
    instance_type="ml.m5.large",
    framework_version="1.2-1",
    sagemaker_session=session,
)
data = session.upload_data(flowers_csv(), key_prefix=f"{name}/data")
estimator.fit({"train": data}, job_name=name, logs=False)

rows = session.upload_data(flowers_csv(labels=False), key_prefix=f"{name}/rows")
output = f"s3://{session.default_bucket()}/{name}/predictions"
transformer = estimator.transformer(
    instance_count=1,
    instance_type="ml.m5.large",
    output_path=output,
    assemble_with="Line",
    accept="text/csv",
)
transformer.transform(
    rows, content_type="text/csv", split_type="Line", job_name=name, wait=False, logs=False
)
transformer.wait(logs=False)
described = session.sagemaker_client.describe_transform_job(TransformJobName=name)
files = S3Downloader.list(output, sagemaker_session=session)
text = S3Downloader.read_file(f"{output}/iris.csv.out", sagemaker_session=session)
transformer.delete_model()
result(described=described, files=files, predictions=text.split())
