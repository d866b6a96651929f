"""Trains, deploys and asks a model with the SageMaker SDK."""

import pathlib
import tempfile

import numpy as np
import sagemaker
from sagemaker.deserializers import CSVDeserializer
from sagemaker.serializers import CSVSerializer
from sagemaker.sklearn import SKLearn
from sklearn.datasets import load_diabetes


def upload(session):
    """The diabetes table that scikit-learn ships, the target first, in the default bucket."""
    features, target = load_diabetes(return_X_y=True)
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder, "diabetes.csv")
        np.savetxt(path, np.column_stack([target, features]), delimiter=",", fmt="%.6f")
        return features, session.upload_data(str(path), key_prefix="diabetes")


def main():
    session = sagemaker.Session()
    features, data = upload(session)
    estimator = SKLearn(
        entry_point="train.py",
        source_dir=str(pathlib.Path(__file__).parent),
        role=sagemaker.get_execution_role(),
        framework_version="1.2-1",
        instance_type="ml.m5.large",
        hyperparameters={"n-estimators": 150, "learning-rate": 0.1},
        metric_definitions=[{"Name": "r2", "Regex": r"r2=([0-9.]+);"}],
        base_job_name="diabetes",
        sagemaker_session=session,
    )
    estimator.fit({"train": data}, logs=False)
    job = estimator.latest_training_job.describe()
    (metric,) = [m for m in job["FinalMetricDataList"] if m["MetricName"] == "r2"]
    print(f"job      {job['TrainingJobName']} {job['TrainingJobStatus']}, r2 {metric['Value']:.3f}")
    print(f"model    {estimator.model_data}")

    predictor = estimator.deploy(initial_instance_count=1, instance_type="ml.m5.large")
    print()  # The SDK leaves its line of dots open.
    print(f"npy      {predictor.predict(features[:3]).round(1).tolist()}")
    predictor.serializer, predictor.deserializer = CSVSerializer(), CSVDeserializer()
    words = [word for row in predictor.predict(features[:3]) for word in row]
    print(f"csv      {[round(float(word), 1) for word in words]}")
    predictor.delete_model()
    predictor.delete_endpoint()


if __name__ == "__main__":
    main()
