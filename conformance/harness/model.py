"""Holds the answers of recorded exchanges against botocore's published models."""

import json
import re

import cbor2
from botocore.eventstream import EventStreamBuffer

from . import markup, operations, values

# Errors that any AWS operation may answer with and the models do not repeat for each.
COMMON_ERRORS = {
    "AccessDenied",
    "AccessDeniedException",
    "ExpiredTokenException",
    "IncompleteSignature",
    "IncompleteSignatureException",
    "InternalFailure",
    "InvalidAction",
    "InvalidClientTokenId",
    "InvalidParameterValue",
    "InvalidSignatureException",
    "MalformedQueryString",
    "MissingAuthenticationToken",
    "MissingAuthenticationTokenException",
    "MissingParameter",
    "OptInRequired",
    "RequestExpired",
    "RequestTimeTooSkewed",
    "SerializationException",
    "ServiceUnavailable",
    "SignatureDoesNotMatch",
    "Throttling",
    "ThrottlingException",
    "UnknownOperationException",
    "UnrecognizedClientException",
    "UnsupportedOperation",
    "ValidationError",
    "ValidationException",
}

# Those of EC2, whose model declares none
# (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html).
EC2_ERRORS = {
    "AuthFailure",
    "DryRunOperation",
    "InvalidInstanceID.Malformed",
    "InvalidInstanceID.NotFound",
    "InvalidInstanceType",
    "InvalidNextToken",
    "OperationNotPermitted",
    "Unavailable",
    "UnauthorizedOperation",
    "UnsupportedHibernationConfiguration",
}

CODE = re.compile(r"[A-Z][A-Za-z0-9.]+")


def check(exchange):
    """The call of an exchange, and all that is wrong with its answer."""
    call = operations.call(exchange)
    if call is None or exchange.status == 0:
        return call, []
    at = str(call)
    problems = _identified(call, exchange, at)
    if exchange.status in (304, 412) and exchange.method in ("GET", "HEAD"):
        return call, problems
    if exchange.status >= 300:
        return call, problems + _error(call, exchange, at)
    checks = {
        "json": _json,
        "smithy-rpc-v2-cbor": _cbor,
        "query": _query,
        "ec2": _ec2,
        "rest-xml": _rest,
        "rest-json": _rest,
    }
    return call, problems + checks[call.protocol](call, exchange, at)


def _identified(call, exchange, at):
    name = "x-amz-request-id" if call.service.service_name == "s3" else "x-amzn-RequestId"
    return [] if exchange.answer_headers.get(name) else [f"{at}: no `{name}` in the answer"]


def _json(call, exchange, at):
    version = call.service.metadata.get("jsonVersion", "1.1")
    wanted = f"application/x-amz-json-{version}"
    problems = _media(exchange, wanted, at)
    shape = call.operation.output_shape
    if not exchange.answer.strip():
        return problems if shape is None else problems + _document(shape, {}, at)
    value, unread = _load(exchange.answer, at)
    return problems + (unread or _document(shape, value, at))


def _document(shape, value, at, binary=False):
    if shape is None:
        return [] if value == {} else [f"{at}: `{value}` where nothing is expected"]
    return values.check(shape, value, at, binary)


def _load(body, at):
    try:
        return json.loads(body), []
    except ValueError as error:
        return None, [f"{at}: the answer is not JSON: {error}: {body[:200]!r}"]


def _media(exchange, wanted, at):
    found = exchange.answer_headers.get("Content-Type", "")
    same = found.partition(";")[0] == wanted
    return [] if same else [f"{at}: content type `{found}` where `{wanted}` is expected"]


def _cbor(call, exchange, at):
    problems = _media(exchange, "application/cbor", at)
    if exchange.answer_headers.get("smithy-protocol") != "rpc-v2-cbor":
        problems.append(f"{at}: no `smithy-protocol: rpc-v2-cbor` in the answer")
    if not exchange.answer:
        return problems + _document(call.operation.output_shape, {}, at, True)
    try:
        value = cbor2.loads(exchange.answer)
    except (cbor2.CBORDecodeError, ValueError) as error:
        return [*problems, f"{at}: the answer is not CBOR: {error}"]
    return problems + _document(call.operation.output_shape, value, at, True)


def _query(call, exchange, at):
    problems = _media(exchange, "text/xml", at)
    root = markup.parse(exchange.answer)
    if root is None:
        return [*problems, f"{at}: the answer is not XML: {exchange.answer[:200]!r}"]
    namespace = call.service.metadata.get("xmlNamespace")
    wanted = f"{{{namespace}}}{call.operation.name}Response"
    if root.tag != wanted:
        problems.append(f"{at}: root `{root.tag}` where `{wanted}` is expected")
    inside = {markup.local(child): child for child in root}
    metadata = inside.pop("ResponseMetadata", None)
    if metadata is None or not [e for e in metadata if markup.local(e) == "RequestId" and e.text]:
        problems.append(f"{at}: no request id in `ResponseMetadata`")
    shape = call.operation.output_shape
    if shape is not None:
        result = inside.pop(shape.serialization["resultWrapper"], None)
        if result is None:
            problems.append(f"{at}: no `{shape.serialization['resultWrapper']}` in the answer")
        else:
            problems += markup.structure(shape, result, at)
    return problems + [f"{at}: `{name}` beside the result" for name in inside]


def _ec2(call, exchange, at):
    problems = _media(exchange, "text/xml", at)
    root = markup.parse(exchange.answer)
    if root is None:
        return [*problems, f"{at}: the answer is not XML: {exchange.answer[:200]!r}"]
    # The service ends its namespace with a slash that the model leaves out.
    namespace = call.service.metadata.get("xmlNamespace").rstrip("/")
    wanted = f"{{{namespace}/}}{call.operation.name}Response"
    if root.tag != wanted:
        problems.append(f"{at}: root `{root.tag}` where `{wanted}` is expected")
    if not [e for e in root if markup.local(e) == "requestId" and e.text]:
        problems.append(f"{at}: no `requestId`")
    shape = call.operation.output_shape
    if shape is None:
        return problems
    return problems + markup.structure(shape, root, at, ("requestId",))


def _rest(call, exchange, at):
    wanted = call.operation.http.get("responseCode")
    problems = []
    shape = call.operation.output_shape
    members = shape.members.values() if shape else []
    # Where the status is itself a member of the answer, it says something and may vary.
    varies = any(m.serialization.get("location") == "statusCode" for m in members)
    if wanted and exchange.method != "GET" and not varies and exchange.status != wanted:
        problems.append(f"{at}: status {exchange.status} where {wanted} is expected")
    if shape is None:
        extra = exchange.answer.strip()
        return problems + ([f"{at}: a body where none is expected: {extra[:80]!r}"] if extra else [])
    present = set()
    for name, member in shape.members.items():
        location = member.serialization.get("location")
        if location == "header":
            given = exchange.answer_headers.get(member.serialization["name"])
            if given is not None:
                present.add(name)
                problems += markup.text(member, given, f"{at} header {name}", "rfc822")
        elif location in ("headers", "statusCode"):
            present.add(name)
    problems += [
        f"{at}: header for `{name}` is required and missing"
        for name in shape.metadata.get("required", [])
        if shape.members[name].serialization.get("location") == "header" and name not in present
    ]
    if exchange.method == "HEAD":
        return problems
    return problems + _body(call, exchange, shape, at)


def _body(call, exchange, shape, at):
    payload = shape.serialization.get("payload")
    if payload:
        shape = shape.members[payload]
        if shape.type_name in ("blob", "string"):
            return []
        if shape.serialization.get("eventstream"):
            return _events(exchange, shape, at)
    elif not [m for m in shape.members.values() if not m.serialization.get("location")]:
        extra = exchange.answer.strip()
        return [f"{at}: a body where none is expected: {extra[:80]!r}"] if extra else []
    if call.protocol == "rest-json":
        value, unread = _load(exchange.answer or b"{}", at)
        return unread or _media(exchange, "application/json", at) + values.check(
            _in_body(shape), value, at
        )
    root = markup.parse(exchange.answer)
    if root is None:
        return [f"{at}: the answer is not XML: {exchange.answer[:200]!r}"]
    problems = _media(exchange, "application/xml", at)
    if not root.tag.startswith("{http://s3.amazonaws.com/doc/2006-03-01/}"):
        problems.append(f"{at}: root `{root.tag}` is not in the namespace of the service")
    if shape.type_name == "structure" and not len(root) and root.text and len(shape.members) == 1:
        # `LocationConstraint` is its own only member.
        (name, member), *_ = shape.members.items()
        return problems + markup.text(member, root.text, f"{at}.{name}", "iso8601")
    return problems + markup.structure(shape, root, at)


class _in_body:  # noqa: N801 - reads as the function it is used as
    """A structure without the members that travel in headers."""

    type_name = "structure"

    def __init__(self, shape):
        self.members = {n: m for n, m in shape.members.items() if not m.serialization.get("location")}
        required = [n for n in shape.metadata.get("required", []) if n in self.members]
        self.metadata = {**shape.metadata, "required": required}
        self.serialization = shape.serialization


def _events(exchange, shape, at):
    problems = []
    buffer = EventStreamBuffer()
    buffer.add_data(exchange.answer)
    for message in buffer:
        headers = message.headers
        kind = headers.get(":event-type") or headers.get(":exception-type")
        if kind not in shape.members:
            problems.append(f"{at}: event `{kind}` is not in the model")
    return problems


def _error(call, exchange, at):
    if exchange.method == "HEAD":
        return []  # An answer without a body: the status is all there is.
    code, message, problems = _read_error(call, exchange, at)
    if not code or not CODE.fullmatch(code):
        return [*problems, f"{at}: error code `{code}` with status {exchange.status}"]
    if not message:
        problems.append(f"{at}: error `{code}` without a message")
    declared = {shape.error_code or shape.name for shape in call.operation.error_shapes}
    declared |= {shape.name for shape in call.operation.error_shapes}
    if call.service.service_name == "ec2":
        declared |= EC2_ERRORS
    if call.service.service_name != "s3" and code not in declared | COMMON_ERRORS:
        problems.append(f"{at}: error `{code}` is neither declared ({sorted(declared)}) nor common")
    return problems


def _read_error(call, exchange, at):
    body = exchange.answer
    if call.protocol in ("json", "rest-json", "smithy-rpc-v2-cbor"):
        if call.protocol == "smithy-rpc-v2-cbor":
            problems = _media(exchange, "application/cbor", at)
            if problems:  # Whatever it is, a CBOR reader would take it for something huge.
                return None, None, problems
            value = cbor2.loads(body)
        else:
            value, problems = _load(body, at)
        if not isinstance(value, dict):
            return None, None, problems
        code = value.get("__type") or exchange.answer_headers.get("x-amzn-ErrorType") or ""
        code = code.partition(":")[0].rpartition("#")[2]
        return code, value.get("message") or value.get("Message"), problems
    root = markup.parse(body)
    if root is None:
        return None, None, [f"{at}: the error is not XML: {body[:200]!r}"]
    if call.protocol == "ec2":
        found = {markup.local(child): child for child in root}
        if markup.local(root) != "Response" or "Errors" not in found:
            return None, None, [f"{at}: error root `{root.tag}`"]
        problems = [] if "RequestID" in found else [f"{at}: an error without `RequestID`"]
        root = next(iter(found["Errors"]), root)
    elif call.protocol == "query":
        if markup.local(root) != "ErrorResponse":
            return None, None, [f"{at}: error root `{root.tag}`"]
        found = {markup.local(child): child for child in root}
        problems = [] if "RequestId" in found else [f"{at}: an error without `RequestId`"]
        root = found.get("Error", root)
    else:
        problems = [] if root.tag == "Error" else [f"{at}: error root `{root.tag}`"]
    text = {markup.local(child): child.text for child in root}
    return text.get("Code"), text.get("Message"), problems
