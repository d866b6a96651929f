"""The built-in XGBoost, and an estimator on two instances with its data shared out."""

import io
import json
import sys
import tarfile

from common import flowers, flowers_csv, result, soon, source
from sagemaker import Session, get_execution_role, image_uris
from sagemaker.deserializers import CSVDeserializer
from sagemaker.estimator import Estimator
from sagemaker.inputs import TrainingInput
from sagemaker.s3 import S3Downloader, S3Uploader
from sagemaker.serializers import CSVSerializer

name = sys.argv[1]
session = Session()
role = get_execution_role()
bucket = session.default_bucket()

data = session.upload_data(flowers_csv(), key_prefix=f"{name}/flowers")
xgboost = Estimator(
    image_uri=image_uris.retrieve("xgboost", session.boto_region_name, version="1.7-1"),
    role=role,
    instance_type="ml.m5.large",
    instance_count=1,
    sagemaker_session=session,
    hyperparameters={"num_round": 10, "objective": "multi:softmax", "num_class": 3},
)
xgboost.fit({"train": TrainingInput(data, content_type="text/csv")}, job_name=f"{name}-x")
predictor = xgboost.deploy(
    initial_instance_count=1,
    instance_type="ml.m5.large",
    endpoint_name=name,
    serializer=CSVSerializer(),
    deserializer=CSVDeserializer(),
)
rows, labels = flowers()
(predicted,) = predictor.predict(rows[[0, 60, 120]])
predictor.delete_endpoint()
soon("endpoint_deleted", EndpointName=name)

parts = f"s3://{bucket}/{name}/parts"
for number in range(5):
    S3Uploader.upload_string_as_file_body(str(number), f"{parts}/{number}", sagemaker_session=session)
gang = Estimator(
    image_uri=image_uris.retrieve(
        "sklearn", session.boto_region_name, version="1.2-1", instance_type="ml.m5.large"
    ),
    entry_point="train.py",
    source_dir=source("gang"),
    role=role,
    instance_type="ml.m5.large",
    instance_count=2,
    sagemaker_session=session,
)
gang.fit({"train": TrainingInput(parts, distribution="ShardedByS3Key")}, job_name=f"{name}-g")
packed = S3Downloader.read_bytes(gang.model_data, sagemaker_session=session)
with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
    files = [entry for entry in archive.getmembers() if entry.isfile()]
    left = {entry.name: json.load(archive.extractfile(entry)) for entry in files}
result(predicted=predicted, labels=labels[[0, 60, 120]].tolist(), left=left)
