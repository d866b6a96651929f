"""Tells which operation of which service a recorded request asks for."""

import dataclasses
import functools
import re
import urllib.parse

from botocore.loaders import create_loader
from botocore.model import OperationModel, ServiceModel

# Services with a model of their own that the tests may reach, by the name in the signature.
BY_SIGNATURE = {
    "s3": ["s3"],
    "sagemaker": [
        "sagemaker",
        "sagemaker-runtime",
        "sagemaker-featurestore-runtime",
        "sagemaker-metrics",
    ],
    "sts": ["sts"],
    "iam": ["iam"],
    "logs": ["logs"],
    "monitoring": ["cloudwatch"],
    "ecr": ["ecr"],
    "kms": ["kms"],
    "lambda": ["lambda"],
    "ce": ["ce"],
    "budgets": ["budgets"],
    "ec2": ["ec2"],
}

SERVICES = sorted({name for names in BY_SIGNATURE.values() for name in names})

VIRTUAL_HOST = re.compile(
    r"^(?P<bucket>.+)\.s3(?:[.-][a-z0-9-]+)?(?:\.dualstack)?\.(?:amazonaws\.com|localhost)(?::\d+)?$"
)


@dataclasses.dataclass
class Call:
    """An operation and the protocol in which it was asked for."""

    service: ServiceModel
    operation: OperationModel
    protocol: str

    def __str__(self):
        return f"{self.service.service_name}.{self.operation.name}"


@functools.cache
def model(name):
    return ServiceModel(create_loader().load_service_model(name, "service-2"), name)


def call(exchange):
    """The call of an exchange; `None` when it is not one of a known service."""
    headers = exchange.headers
    if target := headers.get("X-Amz-Target"):
        return _by_target(target)
    path = urllib.parse.urlsplit(exchange.target).path
    if match := re.fullmatch(r"/service/([^/]+)/operation/([^/]+)", path):
        found = _by_target(f"{match[1]}.{match[2]}")
        return found and dataclasses.replace(found, protocol="smithy-rpc-v2-cbor")
    if headers.get("Content-Type", "").startswith("application/x-www-form-urlencoded"):
        return _by_form(urllib.parse.parse_qs(exchange.body.decode()))
    service = signed_for(exchange)
    for name in BY_SIGNATURE.get(service, []):
        if found := _by_path(model(name), exchange):
            return found
    return None


def signed_for(exchange):
    """The service that a request's signature names, or else its host; `None` when neither does."""
    query = urllib.parse.parse_qs(urllib.parse.urlsplit(exchange.target).query)
    if scope := re.search(r"Credential=([^,]+)", exchange.headers.get("Authorization", "")):
        return scope[1].split("/")[-2]
    if credential := query.get("X-Amz-Credential"):
        return credential[0].split("/")[-2]
    if "AWSAccessKeyId" in query or exchange.headers.get("Authorization", "").startswith("AWS "):
        return "s3"
    host = exchange.headers.get("Host", "")
    return "s3" if host.startswith(("s3.", "s3-")) or VIRTUAL_HOST.match(host) else None


def _by_target(target):
    prefix, _, operation = target.rpartition(".")
    for name in SERVICES:
        service = model(name)
        if service.metadata.get("targetPrefix") == prefix:
            if operation in service.operation_names:
                return Call(service, service.operation_model(operation), "json")
    return None


def _by_form(form):
    version = form.get("Version", [""])[0]
    operation = form.get("Action", [""])[0]
    for name in ("sts", "iam", "cloudwatch", "ec2"):
        service = model(name)
        if service.api_version == version and operation in service.operation_names:
            protocol = "ec2" if name == "ec2" else "query"
            return Call(service, service.operation_model(operation), protocol)
    return None


def _by_path(service, exchange):
    """The operation whose path, query and required headers fit, the most specific of them; of two
    that are asked alike, the one that is not deprecated."""
    split = urllib.parse.urlsplit(exchange.target)
    path = split.path
    if service.service_name == "s3":
        if host := VIRTUAL_HOST.match(exchange.headers.get("Host", "")):
            path = f"/{host['bucket']}{path}"
    query = dict(urllib.parse.parse_qsl(split.query, keep_blank_values=True))
    best, most = None, (-1, False)
    for name in service.operation_names:
        operation = service.operation_model(name)
        fit = _fit(operation, exchange, path, query)
        if fit is not None and (fit, not operation.deprecated) > most:
            best, most = operation, (fit, not operation.deprecated)
    protocol = service.metadata["protocol"]
    return Call(service, best, protocol) if best else None


def _fit(operation, exchange, path, query):
    """How many query words and headers of the operation the request has; `None` if it is not it."""
    if operation.http["method"] != exchange.method:
        return None
    wanted_path, _, wanted_query = operation.http["requestUri"].partition("?")
    if not _path_pattern(wanted_path).fullmatch(path):
        return None
    fit = 0
    for word, value in urllib.parse.parse_qsl(wanted_query, keep_blank_values=True):
        if word not in query or (value and query[word] != value):
            return None
        fit += 10
    shape = operation.input_shape
    for name in (shape.metadata.get("required", []) if shape else []):
        member = shape.members[name].serialization
        if member.get("location") == "querystring":
            if member["name"] not in query:
                return None
            fit += 10
        if member.get("location") == "header":
            if member["name"] not in exchange.headers:
                return None
            fit += 10
    return fit


@functools.cache
def _path_pattern(template):
    pattern = ""
    for piece in re.split(r"(\{[^}]+\})", template):
        if piece.endswith("+}"):
            pattern += ".+"
        elif piece.startswith("{"):
            pattern += "[^/]+"
        else:
            pattern += re.escape(piece)
    return re.compile(pattern + ("" if template.endswith("/") else "/?"))
