"""A program of the third SageMaker SDK."""


def test_trainer_and_builder(program, judge, name):
    """A shell entry among the SDK's own drivers under `/opt/ml`; then served by a ModelBuilder."""
    found = program("sagemaker3", "trainer.py", name)
    assert found["status"] == "Completed"
    assert found["job"].startswith(name)
    assert found["artifacts"].endswith(f"/{found['job']}/output/model.tar.gz")
    assert found["endpoint"] == name
    assert found["variant"] == "AllTraffic"
    assert [int(float(word)) for word in found["predictions"].split()] == found["labels"]
    assert found["left"] == []
    assert "iam.SimulatePrincipalPolicy" in judge.calls()
