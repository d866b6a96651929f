"""Defines a pipeline with the SageMaker SDK, runs it twice and shows what it made."""

import pathlib
import tempfile

import numpy as np
import sagemaker
from sagemaker.processing import ProcessingInput, ProcessingOutput
from sagemaker.sklearn import SKLearn, SKLearnModel
from sagemaker.sklearn.processing import SKLearnProcessor
from sagemaker.workflow.condition_step import ConditionStep
from sagemaker.workflow.conditions import ConditionGreaterThanOrEqualTo
from sagemaker.workflow.fail_step import FailStep
from sagemaker.workflow.functions import Join, JsonGet
from sagemaker.workflow.model_step import ModelStep
from sagemaker.workflow.parameters import ParameterFloat, ParameterInteger
from sagemaker.workflow.pipeline import Pipeline
from sagemaker.workflow.pipeline_context import PipelineSession
from sagemaker.workflow.properties import PropertyFile
from sagemaker.workflow.steps import CacheConfig, ProcessingStep, TrainingStep
from sklearn.datasets import load_wine

HERE = pathlib.Path(__file__).parent
INSTANCE = "ml.m5.large"
FRAMEWORK = "1.2-1"
GROUP = "wine"


def upload(session):
    """The wine table that scikit-learn ships, the label first, in the default bucket."""
    features, labels = load_wine(return_X_y=True)
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder, "wine.csv")
        np.savetxt(path, np.column_stack([labels, features]), delimiter=",", fmt="%.4f")
        return session.upload_data(str(path), key_prefix="wine")


def processing(name, script, session, role, inputs, outputs, **more):
    """A processing step of one script; inputs and outputs by the names of their folders."""
    processor = SKLearnProcessor(
        framework_version=FRAMEWORK,
        role=role,
        instance_type=INSTANCE,
        instance_count=1,
        sagemaker_session=session,
    )
    arguments = processor.run(
        code=str(HERE / "steps" / script),
        inputs=[
            ProcessingInput(source, destination=f"/opt/ml/processing/{folder}")
            for folder, source in inputs.items()
        ],
        outputs=[
            ProcessingOutput(output_name=folder, source=f"/opt/ml/processing/{folder}")
            for folder in outputs
        ],
    )
    return ProcessingStep(name=name, step_args=arguments, **more)


def output(step, name):
    return step.properties.ProcessingOutputConfig.Outputs[name].S3Output.S3Uri


def define(session, role, data):
    """The pipeline: split, train, measure, and register what is good enough."""
    trees = ParameterInteger("Trees", default_value=10)
    least = ParameterFloat("LeastAccuracy", default_value=0.9)
    split = processing(
        "Split", "split.py", session, role, {"input": data}, ["train", "test"],
        cache_config=CacheConfig(enable_caching=True, expire_after="P30D"),
    )
    script = {"entry_point": "train.py", "source_dir": str(HERE / "model")}
    common = {"role": role, "framework_version": FRAMEWORK, "sagemaker_session": session}
    estimator = SKLearn(instance_type=INSTANCE, hyperparameters={"trees": trees}, **script, **common)
    train = TrainingStep(name="Train", step_args=estimator.fit({"train": output(split, "train")}))
    artifacts = train.properties.ModelArtifacts.S3ModelArtifacts

    report = PropertyFile(name="Report", output_name="report", path="report.json")
    measure = processing(
        "Measure", "measure.py", session, role,
        {"model": artifacts, "test": output(split, "test")}, ["report"],
        property_files=[report],
    )
    model = SKLearnModel(model_data=artifacts, **script, **common)
    register = ModelStep(
        name="Wine",
        step_args=model.register(
            content_types=["text/csv"],
            response_types=["text/csv"],
            inference_instances=[INSTANCE],
            transform_instances=[INSTANCE],
            model_package_group_name=GROUP,
        ),
    )
    accuracy = JsonGet(measure.name, property_file=report, json_path="metrics.accuracy.value")
    refuse = FailStep("Refuse", error_message=Join(" ", ["an accuracy below", least, "is refused"]))
    decide = ConditionStep(
        name="GoodEnough",
        conditions=[ConditionGreaterThanOrEqualTo(accuracy, least)],
        if_steps=[register],
        else_steps=[refuse],
    )
    return Pipeline(
        "wine", parameters=[trees, least], steps=[split, train, measure, decide],
        sagemaker_session=session,
    )


def show(number, execution):
    print(f"execution {number}: {execution.describe()['PipelineExecutionStatus']}")
    for step in sorted(execution.list_steps(), key=lambda step: step["StartTime"]):
        outcome = step.get("Metadata", {}).get("Condition", {}).get("Outcome", "")
        cached = "from the cache" if "CacheHitResult" in step else ""
        print(f"  {step['StepName']:<16} {step['StepStatus']} {outcome}{cached}")


def main():
    role = sagemaker.get_execution_role()
    pipeline = define(PipelineSession(), role, upload(sagemaker.Session()))
    pipeline.upsert(role_arn=role)
    for number, trees in enumerate((10, 30), start=1):
        execution = pipeline.start(parameters={"Trees": trees})
        execution.wait(delay=2)
        show(number, execution)
    client = sagemaker.Session().sagemaker_client
    packages = client.list_model_packages(ModelPackageGroupName=GROUP, SortOrder="Ascending")
    for package in packages["ModelPackageSummaryList"]:
        version = package["ModelPackageArn"].partition("/")[2]
        print(f"registered: {version} {package['ModelApprovalStatus']}")


if __name__ == "__main__":
    main()
