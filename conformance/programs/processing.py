"""A processing job that splits a file in two."""

import sys

from common import flowers_csv, result, source
from sagemaker import Session, get_execution_role
from sagemaker.processing import ProcessingInput, ProcessingOutput
from sagemaker.s3 import S3Downloader
from sagemaker.sklearn.processing import SKLearnProcessor

name = sys.argv[1]
session = Session()
processor = SKLearnProcessor(
    framework_version="1.2-1",
    role=get_execution_role(),
    instance_type="ml.m5.large",
    instance_count=1,
    sagemaker_session=session,
    env={"FLOWERS": "iris"},
)
processor.run(
    code=source("steps/split.py"),
    inputs=[ProcessingInput(flowers_csv(), destination="/opt/ml/processing/input")],
    outputs=[
        ProcessingOutput(output_name="train", source="/opt/ml/processing/train"),
        ProcessingOutput(
            output_name="test",
            source="/opt/ml/processing/test",
            destination=f"s3://{session.default_bucket()}/{name}/test",
        ),
    ],
    arguments=["--share", "0.8"],
    job_name=name,
    logs=False,
)
described = processor.latest_job.describe()
outputs = {o["OutputName"]: o["S3Output"]["S3Uri"] for o in described["ProcessingOutputConfig"]["Outputs"]}
text = {
    output: S3Downloader.read_file(f"{uri}/{output}.csv", sagemaker_session=session)
    for output, uri in outputs.items()
}
result(described=described, rows={output: len(each.split()) for output, each in text.items()})
