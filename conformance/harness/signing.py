"""Signature version 4 written out, for requests that no SDK would send.

Follows https://docs.aws.amazon.com/IAM/latest/UserGuide/create-signed-request.html.
"""

import datetime
import hashlib
import hmac
import http.client
import urllib.parse


def sha256(body):
    return hashlib.sha256(body).hexdigest()


def sign(secret, day, region, service, text):
    key = f"AWS4{secret}".encode()
    for part in (day, region, service, "aws4_request"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


class Signer:
    """Makes signed headers; each of the claims can be false."""

    def __init__(self, cloud, service):
        self.key = cloud["AWS_ACCESS_KEY_ID"]
        self.secret = cloud["AWS_SECRET_ACCESS_KEY"]
        self.region = cloud["AWS_DEFAULT_REGION"]
        self.service = service
        self.age = datetime.timedelta()

    def headers(self, method, url, body=b"", headers=None):
        """Headers of a request with its signature."""
        split = urllib.parse.urlsplit(url)
        now = datetime.datetime.now(datetime.UTC) - self.age
        stamp, day = now.strftime("%Y%m%dT%H%M%SZ"), now.strftime("%Y%m%d")
        given = {
            "host": split.netloc,
            "x-amz-date": stamp,
            "x-amz-content-sha256": sha256(body),
        } | {name.lower(): value for name, value in (headers or {}).items()}
        names = ";".join(sorted(given))
        query = "&".join(sorted(split.query.split("&"))) if split.query else ""
        lines = "".join(f"{name}:{given[name].strip()}\n" for name in sorted(given))
        canonical = "\n".join([method, split.path or "/", query, lines, names, sha256(body)])
        scope = f"{day}/{self.region}/{self.service}/aws4_request"
        text = "\n".join(["AWS4-HMAC-SHA256", stamp, scope, sha256(canonical.encode())])
        signature = sign(self.secret, day, self.region, self.service, text)
        given["authorization"] = (
            f"AWS4-HMAC-SHA256 Credential={self.key}/{scope}, "
            f"SignedHeaders={names}, Signature={signature}"
        )
        return given


def send(method, url, headers, body=b""):
    """Sends exactly that; status, headers and body of the answer."""
    split = urllib.parse.urlsplit(url)
    connection = http.client.HTTPConnection(split.netloc, timeout=60)
    try:
        target = (split.path or "/") + (f"?{split.query}" if split.query else "")
        connection.putrequest(method, target, skip_host=True, skip_accept_encoding=True)
        for name, value in headers.items():
            connection.putheader(name, value)
        if body or method in ("POST", "PUT"):
            connection.putheader("content-length", str(len(body)))
        connection.endheaders(body)
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read()
    finally:
        connection.close()
