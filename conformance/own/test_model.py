"""The judge itself: answers as AWS gives them pass, and each kind of mistake is found."""

import http.client
import io
import json

import cbor2
import pytest

from harness import model, wire

SIGNED = "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260101/us-east-1/{}/aws4_request, Signature=0"


def headers(pairs):
    text = "".join(f"{name}: {value}\r\n" for name, value in pairs.items())
    return http.client.parse_headers(io.BytesIO(text.encode() + b"\r\n"))


def exchange(asked, status, answered, answer, *, method="POST", target="/", body=b""):
    return wire.Exchange(
        "0", None, method, target, headers(asked), body, True, status, headers(answered), answer
    )


def json_call(operation, value, status=200, **more):
    asked = {"X-Amz-Target": f"SageMaker.{operation}", "Authorization": SIGNED.format("sagemaker")}
    answered = {"Content-Type": "application/x-amz-json-1.1", "x-amzn-RequestId": "1"} | more
    return exchange(asked, status, answered, json.dumps(value).encode())


def problems(found):
    call, wrong = model.check(found)
    assert call is not None
    return "\n".join(wrong)


GOOD = {
    "EndpointName": "e",
    "EndpointArn": "arn:aws:sagemaker:us-east-1:123456789012:endpoint/e",
    "EndpointStatus": "InService",
    "CreationTime": 1764220000.5,
    "LastModifiedTime": 1764220000,
}


def test_a_good_json_answer_passes():
    assert problems(json_call("DescribeEndpoint", GOOD)) == ""


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({"EndpointStatus": "Ready"}, "is not in the enumeration"),
        ({"CreationTime": 1764220000500}, "no time in seconds"),
        ({"CreationTime": "2026-01-01T00:00:00Z"}, "seconds since 1970 expected"),
        ({"EndpointArn": "endpoint/e"}, "at least 20"),
        ({"EndpointName": "-e"}, "does not match"),
        ({"Colour": "red"}, "`Colour` is not in the model"),
        ({"FailureReason": None}, "string expected"),
        ({"ProductionVariants": {}}, "list expected"),
        ({"ProductionVariants": [{}]}, "`VariantName` is required"),
    ],
)
def test_a_mistake_in_json_is_found(change, found):
    assert found in problems(json_call("DescribeEndpoint", GOOD | change))


def test_what_is_missing_is_found():
    without = {name: value for name, value in GOOD.items() if name != "EndpointArn"}
    assert "`EndpointArn` is required" in problems(json_call("DescribeEndpoint", without))


def test_errors_must_be_known_and_complete():
    good = {"__type": "ValidationException", "message": "no"}
    assert problems(json_call("DescribeEndpoint", good, 400)) == ""
    assert "neither declared" in problems(
        json_call("DescribeEndpoint", good | {"__type": "Oops"}, 400)
    )
    assert "without a message" in problems(
        json_call("DescribeEndpoint", {"__type": "ValidationException"}, 400)
    )


def iam(answer):
    asked = {
        "Content-Type": "application/x-www-form-urlencoded; charset=utf-8",
        "Authorization": SIGNED.format("iam"),
    }
    answered = {"Content-Type": "text/xml", "x-amzn-RequestId": "1"}
    body = b"Action=GetRole&Version=2010-05-08&RoleName=r"
    return exchange(asked, 200, answered, answer.encode(), body=body)


ROLE = """<GetRoleResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><GetRoleResult><Role>
<Path>/</Path><RoleName>r</RoleName><RoleId>AROAEXAMPLEEXAMPLE12</RoleId>
<Arn>arn:aws:iam::123456789012:role/r</Arn><CreateDate>2026-01-01T00:00:00Z</CreateDate>
</Role></GetRoleResult><ResponseMetadata><RequestId>1</RequestId></ResponseMetadata>
</GetRoleResponse>"""


def test_query_answers():
    assert problems(iam(ROLE)) == ""
    assert "`Path` is required" in problems(iam(ROLE.replace("<Path>/</Path>", "")))
    assert "iso8601 time expected" in problems(iam(ROLE.replace("2026-01-01T00:00:00Z", "today")))
    assert "`Color` is not in the model" in problems(iam(ROLE.replace("</Role>", "<Color/></Role>")))
    assert "root" in problems(iam(ROLE.replace("iam.amazonaws.com", "example.com")))


def ec2(answer, status=200):
    body = b"Action=DescribeTags&Version=2016-11-15"
    asked = {"Content-Type": "application/x-www-form-urlencoded"}
    answered = {"Content-Type": "text/xml", "x-amzn-RequestId": "1"}
    return exchange(asked, status, answered, answer.encode(), body=body)


TAGS = """<DescribeTagsResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/">
<requestId>1</requestId><tagSet><item><resourceId>i-1</resourceId>
<resourceType>instance</resourceType><key>k</key><value>v</value></item></tagSet>
</DescribeTagsResponse>"""

ERROR = """<Response><Errors><Error><Code>AuthFailure</Code><Message>no</Message></Error></Errors>
<RequestID>1</RequestID></Response>"""


def test_ec2_answers():
    assert problems(ec2(TAGS)) == ""
    assert "enumeration" in problems(ec2(TAGS.replace("instance<", "machine<")))
    assert "`member` where `item`" in problems(ec2(TAGS.replace("item>", "member>")))
    assert "no `requestId`" in problems(ec2(TAGS.replace("requestId>", "Id>")))
    assert problems(ec2(ERROR, 401)) == ""
    assert "neither declared" in problems(ec2(ERROR.replace("AuthFailure", "Odd"), 400))
    assert "error root" in problems(ec2(ERROR.replace("Errors>", "Wrongs>"), 400))


def listing(answer, target="/bucket?list-type=2"):
    asked = {"Authorization": SIGNED.format("s3"), "Host": "localhost"}
    answered = {"Content-Type": "application/xml", "x-amz-request-id": "1"}
    return exchange(asked, 200, answered, answer.encode(), method="GET", target=target)


LIST = """<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>bucket</Name>
<KeyCount>1</KeyCount><IsTruncated>false</IsTruncated><Contents><Key>k</Key>
<Size>3</Size><StorageClass>STANDARD</StorageClass></Contents></ListBucketResult>"""


def test_rest_xml_answers():
    assert problems(listing(LIST)) == ""
    assert "boolean expected" in problems(listing(LIST.replace("false", "no")))
    assert "enumeration" in problems(listing(LIST.replace("STANDARD", "CHEAP")))
    assert "integer expected" in problems(listing(LIST.replace("<KeyCount>1", "<KeyCount>one")))
    assert "namespace" in problems(listing(LIST.replace("2006-03-01", "2007-03-01")))


def test_an_object_of_a_virtual_host_is_told_apart():
    asked = {"Authorization": SIGNED.format("s3"), "Host": "b.s3.us-east-1.amazonaws.com"}
    answered = {"x-amz-request-id": "1", "Last-Modified": "yesterday"}
    found = exchange(asked, 200, answered, b"", method="GET", target="/a/b")
    call, wrong = model.check(found)
    assert str(call) == "s3.GetObject"
    assert "rfc822 time expected" in "\n".join(wrong)


def metrics(value):
    asked = {"Authorization": SIGNED.format("monitoring"), "smithy-protocol": "rpc-v2-cbor"}
    answered = {
        "Content-Type": "application/cbor",
        "smithy-protocol": "rpc-v2-cbor",
        "x-amzn-RequestId": "1",
    }
    target = "/service/GraniteServiceVersion20100801/operation/ListMetrics"
    return exchange(asked, 200, answered, cbor2.dumps(value), target=target)


def test_cbor_answers():
    assert problems(metrics({"Metrics": [{"Namespace": "n", "MetricName": "m"}]})) == ""
    assert "`Name` is not in the model" in problems(metrics({"Metrics": [{"Name": "m"}]}))
    assert "list expected" in problems(metrics({"Metrics": "none"}))
    plain = metrics({})
    plain.status, plain.answer = 404, b'{"__type":"UnknownOperationException"}'
    plain.answer_headers.replace_header("Content-Type", "application/json")
    assert "content type" in problems(plain)


def test_a_recorded_connection_is_read_back(tmp_path):
    (tmp_path / "00000.json").write_text('{"host": null}')
    (tmp_path / "00000.request").write_bytes(
        b"PUT /b/k HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nTransfer-Encoding: chunked\r\n\r\n"
        b"3\r\nabc\r\n0\r\nx-amz-checksum-crc32: AAAAAA==\r\n\r\n"
        b"HEAD /b/k HTTP/1.1\r\nHost: h\r\n\r\n"
        b"GET /b/k HTTP/1.1\r\nHost: h\r\n\r\n"
    )
    (tmp_path / "00000.response").write_bytes(
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
        b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n"
        b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nab"
    )
    put, head, get = wire.exchanges(tmp_path)
    assert (put.body, put.complete, put.status) == (b"abc", True, 200)
    assert (head.method, head.status, head.answer) == ("HEAD", 200, b"")
    assert (get.method, get.status) == ("GET", 0), "an answer that was cut short is none"
