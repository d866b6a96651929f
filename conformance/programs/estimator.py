"""An estimator from its data to its end, waiting everywhere as the SDK does by itself."""

import sys

from common import flowers, flowers_csv, result, soon, source
from sagemaker import Session, get_execution_role
from sagemaker.deserializers import CSVDeserializer, JSONDeserializer
from sagemaker.serializers import CSVSerializer, JSONSerializer
from sagemaker.sklearn import SKLearn

name = sys.argv[1]
session = Session()
role = get_execution_role()
data = session.upload_data(flowers_csv(), key_prefix=f"{name}/data")
estimator = SKLearn(
    entry_point="train.py",
    source_dir=source("iris"),
    role=role,
    instance_type="ml.m5.large",
    instance_count=1,
    framework_version="1.2-1",
    sagemaker_session=session,
    hyperparameters={"n_estimators": 20, "max_depth": 4, "criterion": "entropy"},
    metric_definitions=[{"Name": "accuracy", "Regex": "accuracy=([0-9.]+);"}],
    environment={"FLOWERS": "iris"},
    tags=[{"Key": "team", "Value": "flowers"}],
)
estimator.fit({"train": data}, job_name=name)
described = estimator.latest_training_job.describe()

predictor = estimator.deploy(
    initial_instance_count=1, instance_type="ml.m5.large", endpoint_name=name
)
rows, labels = flowers()
few = rows[[0, 60, 120]]
as_npy = predictor.predict(few).tolist()

predictor.serializer, predictor.deserializer = CSVSerializer(), CSVDeserializer()
as_csv = predictor.predict(few)

predictor.serializer, predictor.deserializer = JSONSerializer(), JSONDeserializer()
as_json = predictor.predict(few.tolist())

predictor.delete_endpoint()
soon("endpoint_deleted", EndpointName=name)
client = session.sagemaker_client
left = [e["EndpointName"] for e in client.list_endpoints(NameContains=name)["Endpoints"]]
result(
    role=role,
    bucket=session.default_bucket(),
    data=data,
    model=estimator.model_data,
    described=described,
    labels=labels[[0, 60, 120]].tolist(),
    npy=as_npy,
    csv=as_csv,
    json=as_json,
    left=left,
)
