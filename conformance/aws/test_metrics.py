"""CloudWatch metrics in each of the three protocols that SDKs of different ages speak."""

import datetime
import json

import boto3
import botocore.session
import pytest
from botocore.loaders import create_loader

from harness import operations

PROTOCOLS = ["smithy-rpc-v2-cbor", "json", "query"]


@pytest.fixture
def cloudwatch(session, endpoint, tmp_path, protocol):
    """A client that speaks one protocol, by a model in which the service has no other.

    botocore takes the first that it knows; models in a folder of `data_path` go before its own.
    """
    service = create_loader().load_service_model("cloudwatch", "service-2")
    service["metadata"] |= {"protocol": protocol, "protocols": [protocol]}
    folder = tmp_path / "models" / "cloudwatch" / "2010-08-01"
    folder.mkdir(parents=True)
    (folder / "service-2.json").write_text(json.dumps(service))
    core = botocore.session.Session()
    core.set_config_variable("data_path", str(tmp_path / "models"))
    keys = session.get_credentials()
    made = boto3.Session(
        keys.access_key, keys.secret_key, region_name="us-east-1", botocore_session=core
    )
    return made.client("cloudwatch", endpoint_url=endpoint)


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_put_and_read(cloudwatch, judge, name, protocol):
    now = datetime.datetime.now(datetime.UTC).replace(second=0, microsecond=0)
    dimensions = [{"Name": "run", "Value": "1"}]
    cloudwatch.put_metric_data(
        Namespace=name,
        MetricData=[
            {"MetricName": "loss", "Dimensions": dimensions, "Timestamp": now, "Value": value}
            for value in (1.0, 2.0, 6.0)
        ],
    )
    (metric,) = cloudwatch.list_metrics(Namespace=name)["Metrics"]
    assert (metric["MetricName"], metric["Dimensions"]) == ("loss", dimensions)
    minute = datetime.timedelta(minutes=1)
    (point,) = cloudwatch.get_metric_statistics(
        Namespace=name,
        MetricName="loss",
        Dimensions=dimensions,
        StartTime=now - minute,
        EndTime=now + minute,
        Period=60,
        Statistics=["Average", "Maximum", "SampleCount"],
    )["Datapoints"]
    assert (point["Average"], point["Maximum"], point["SampleCount"]) == (3.0, 6.0, 3.0)
    assert point["Timestamp"] == now
    (result,) = cloudwatch.get_metric_data(
        MetricDataQueries=[
            {
                "Id": "m",
                "MetricStat": {
                    "Metric": {"Namespace": name, "MetricName": "loss", "Dimensions": dimensions},
                    "Period": 60,
                    "Stat": "Sum",
                },
            }
        ],
        StartTime=now - minute,
        EndTime=now + minute,
    )["MetricDataResults"]
    assert (result["Id"], result["Values"], result["Timestamps"]) == ("m", [9.0], [now])
    spoken = {operations.call(exchange).protocol for exchange in judge.exchanges()}
    assert spoken == {protocol}


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_errors(cloudwatch, name, protocol):
    with pytest.raises(cloudwatch.exceptions.InvalidParameterCombinationException):
        cloudwatch.get_metric_statistics(
            Namespace=name,
            MetricName="loss",
            StartTime=datetime.datetime(2026, 1, 2, tzinfo=datetime.UTC),
            EndTime=datetime.datetime(2026, 1, 3, tzinfo=datetime.UTC),
            Period=60,
        )
