"""One endpoint for many models, and one whose models answer one after the other."""

import json
import os
import sys
import tarfile
import tempfile

from common import result, soon
from sagemaker import Session, get_execution_role
from sagemaker.deserializers import JSONDeserializer
from sagemaker.multidatamodel import MultiDataModel
from sagemaker.pipeline import PipelineModel
from sagemaker.predictor import Predictor
from sagemaker.serializers import JSONSerializer
from sagemaker.sklearn import SKLearnModel

SCRIPT = """
import json, os
def model_fn(model_dir):
    with open(os.path.join(model_dir, "factor.json")) as file:
        return json.load(file)
def input_fn(body, content_type):
    return json.loads(body)
def predict_fn(value, factor):
    return value * factor
def output_fn(value, accept):
    return json.dumps(value), "application/json"
"""

name = sys.argv[1]
session = Session()
role = get_execution_role()
folder = tempfile.mkdtemp(dir=os.environ["TMPDIR"])
script = os.path.join(folder, "serve.py")
with open(script, "w") as file:
    file.write(SCRIPT)


def artifact(factor):
    """A model that multiplies, in a bucket."""
    path = os.path.join(folder, "factor.json")
    with open(path, "w") as file:
        json.dump(factor, file)
    packed = os.path.join(folder, f"times-{factor}.tar.gz")
    with tarfile.open(packed, "w:gz") as archive:
        archive.add(path, "factor.json")
    return session.upload_data(packed, key_prefix=f"{name}/artifacts")


def model(factor):
    return SKLearnModel(
        model_data=artifact(factor),
        role=role,
        entry_point=script,
        framework_version="1.2-1",
        sagemaker_session=session,
    )


forms = {"serializer": JSONSerializer(), "deserializer": JSONDeserializer()}
prefix = f"s3://{session.default_bucket()}/{name}/models/"
many = MultiDataModel(
    name=name, model_data_prefix=prefix, model=model(2), sagemaker_session=session
)
many.deploy(initial_instance_count=1, instance_type="ml.m5.large", endpoint_name=name, **forms)
predictor = Predictor(name, sagemaker_session=session, **forms)
for factor in (3, 5):
    many.add_model(artifact(factor), f"times-{factor}.tar.gz")
listed = sorted(many.list_models())
answers = [predictor.predict(7, target_model=f"times-{factor}.tar.gz") for factor in (3, 5)]
predictor.delete_endpoint()
soon("endpoint_deleted", EndpointName=name)

chain = f"{name}-chain"
PipelineModel(
    models=[model(3), model(5)], role=role, name=chain, sagemaker_session=session
).deploy(initial_instance_count=1, instance_type="ml.m5.large", endpoint_name=chain)
predictor = Predictor(chain, sagemaker_session=session, **forms)
chained = predictor.predict(7)
predictor.delete_endpoint()
soon("endpoint_deleted", EndpointName=chain)
result(listed=listed, answers=answers, chained=chained)
