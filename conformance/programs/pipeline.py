"""A pipeline of processing, training, evaluation, a condition on its report, and registration."""

import sys

from common import flowers_csv, result, source
from sagemaker import Session, get_execution_role
from sagemaker.processing import ProcessingInput, ProcessingOutput
from sagemaker.sklearn import SKLearn, SKLearnModel
from sagemaker.sklearn.processing import SKLearnProcessor
from sagemaker.workflow.condition_step import ConditionStep
from sagemaker.workflow.conditions import ConditionGreaterThanOrEqualTo
from sagemaker.workflow.fail_step import FailStep
from sagemaker.workflow.functions import Join, JsonGet
from sagemaker.workflow.model_step import ModelStep
from sagemaker.workflow.parameters import ParameterFloat, ParameterInteger, ParameterString
from sagemaker.workflow.pipeline import Pipeline
from sagemaker.workflow.pipeline_context import PipelineSession
from sagemaker.workflow.properties import PropertyFile
from sagemaker.workflow.steps import CacheConfig, ProcessingStep, TrainingStep

name = sys.argv[1]
session = PipelineSession()
role = get_execution_role()
data = Session().upload_data(flowers_csv(), key_prefix=f"{name}/data")

input_data = ParameterString("InputData", default_value=data)
trees = ParameterInteger("Trees", default_value=5)
bar = ParameterFloat("Bar", default_value=0.8)
cache = CacheConfig(enable_caching=True, expire_after="P1D")


def processor():
    return SKLearnProcessor(
        framework_version="1.2-1",
        role=role,
        instance_type="ml.m5.large",
        instance_count=1,
        sagemaker_session=session,
    )


split = ProcessingStep(
    name="Split",
    step_args=processor().run(
        code=source("steps/split.py"),
        inputs=[ProcessingInput(input_data, destination="/opt/ml/processing/input")],
        outputs=[
            ProcessingOutput(output_name="train", source="/opt/ml/processing/train"),
            ProcessingOutput(output_name="test", source="/opt/ml/processing/test"),
        ],
        arguments=["--share", "0.8"],
    ),
    cache_config=cache,
)


def output(step, name):
    return step.properties.ProcessingOutputConfig.Outputs[name].S3Output.S3Uri


estimator = SKLearn(
    entry_point="train.py",
    source_dir=source("iris"),
    role=role,
    instance_type="ml.m5.large",
    framework_version="1.2-1",
    sagemaker_session=session,
    hyperparameters={"n_estimators": trees},
)
train = TrainingStep(name="Train", step_args=estimator.fit({"train": output(split, "train")}))
artifacts = train.properties.ModelArtifacts.S3ModelArtifacts

report = PropertyFile(name="Report", output_name="evaluation", path="evaluation.json")
evaluate = ProcessingStep(
    name="Evaluate",
    step_args=processor().run(
        code=source("steps/evaluate.py"),
        inputs=[
            ProcessingInput(artifacts, destination="/opt/ml/processing/model"),
            ProcessingInput(output(split, "test"), destination="/opt/ml/processing/test"),
        ],
        outputs=[ProcessingOutput(output_name="evaluation", source="/opt/ml/processing/evaluation")],
    ),
    property_files=[report],
)

model = SKLearnModel(
    model_data=artifacts,
    role=role,
    entry_point="train.py",
    source_dir=source("iris"),
    framework_version="1.2-1",
    sagemaker_session=session,
)
register = ModelStep(
    name="Flowers",
    step_args=model.register(
        content_types=["text/csv"],
        response_types=["text/csv"],
        inference_instances=["ml.m5.large"],
        transform_instances=["ml.m5.large"],
        model_package_group_name=name,
        approval_status="PendingManualApproval",
    ),
)
accuracy = JsonGet(
    step_name=evaluate.name,
    property_file=report,
    json_path="classification_metrics.accuracy.value",
)
good = ConditionStep(
    name="GoodEnough",
    conditions=[ConditionGreaterThanOrEqualTo(left=accuracy, right=bar)],
    if_steps=[register],
    else_steps=[
        FailStep(
            name="NotGoodEnough",
            error_message=Join(on=" ", values=["the accuracy is below", bar]),
        )
    ],
)
pipeline = Pipeline(
    name=name,
    parameters=[input_data, trees, bar],
    steps=[split, train, evaluate, good],
    sagemaker_session=session,
)
first = pipeline.upsert(role_arn=role, description="flowers")
second = pipeline.upsert(role_arn=role, description="flowers, again")


def run(**parameters):
    """Runs it; its end, and its steps from the first to the last."""
    execution = pipeline.start(parameters=parameters)
    raised = None
    try:
        execution.wait(delay=1, max_attempts=170)
    except Exception as error:
        raised = str(error)
    steps = sorted(execution.list_steps(), key=lambda step: step["StartTime"])
    return {"described": execution.describe(), "steps": steps, "raised": raised}


passed = run(Trees=12)
failed = run(Trees=12, Bar=1.5)
client = Session().sagemaker_client
packages = client.list_model_packages(ModelPackageGroupName=name)["ModelPackageSummaryList"]
result(
    first=first,
    second=second,
    described=pipeline.describe(),
    passed=passed,
    failed=failed,
    packages=packages,
    executions=client.list_pipeline_executions(PipelineName=name)["PipelineExecutionSummaries"],
    deleted=pipeline.delete(),
)
