"""A model in the registry: registered, approved, deployed from there, found, taken away."""

import sys

from common import flowers, flowers_csv, result, soon, source
from sagemaker import ModelPackage, Session, get_execution_role
from sagemaker.deserializers import CSVDeserializer
from sagemaker.predictor import Predictor
from sagemaker.serializers import CSVSerializer
from sagemaker.sklearn import SKLearn

name = sys.argv[1]
session = Session()
client = session.sagemaker_client
role = get_execution_role()
estimator = SKLearn(
    entry_point="train.py",
    source_dir=source("iris"),
    role=role,
    instance_type="ml.m5.large",
    framework_version="1.2-1",
    sagemaker_session=session,
    base_job_name=name,
)
data = session.upload_data(flowers_csv(), key_prefix=f"{name}/data")
estimator.fit({"train": data}, job_name=name, logs=False)
package = estimator.register(
    content_types=["text/csv"],
    response_types=["text/csv"],
    inference_instances=["ml.m5.large"],
    transform_instances=["ml.m5.large"],
    model_package_group_name=name,
    approval_status="PendingManualApproval",
    description="flowers",
    customer_metadata_properties={"colour": "violet"},
)
arn = package.model_package_arn
pending = client.describe_model_package(ModelPackageName=arn)
client.update_model_package(ModelPackageArn=arn, ModelApprovalStatus="Approved")
approved = client.list_model_packages(
    ModelPackageGroupName=name, ModelApprovalStatus="Approved", SortBy="CreationTime"
)["ModelPackageSummaryList"]

deployable = ModelPackage(role=role, model_package_arn=arn, sagemaker_session=session)
deployable.deploy(1, "ml.m5.large", endpoint_name=name, wait=False)
soon("endpoint_in_service", EndpointName=name)
predictor = Predictor(
    name, session, serializer=CSVSerializer(), deserializer=CSVDeserializer()
)
rows, labels = flowers()
predictions = predictor.predict(rows[[0, 60, 120]])
predictor.delete_endpoint()
client.delete_model_package(ModelPackageName=arn)
client.delete_model_package_group(ModelPackageGroupName=name)
result(
    arn=arn,
    pending=pending,
    approved=approved,
    labels=labels[[0, 60, 120]].tolist(),
    predictions=predictions,
    groups=client.list_model_package_groups(NameContains=name)["ModelPackageGroupSummaryList"],
)
