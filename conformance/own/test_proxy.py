"""The recorder before the forward proxy: it reads along, and the program does not notice."""

import pathlib
import sys

from harness import wire

ASK = """
import json, os, ssl, urllib.request
context = ssl.create_default_context(cafile=os.environ["AWS_CA_BUNDLE"])
url = "https://sts.us-east-1.amazonaws.com/"
request = urllib.request.Request(url, b"Action=GetCallerIdentity&Version=2011-06-15")
try:
    answer = urllib.request.urlopen(request, context=context)
except urllib.error.HTTPError as error:
    answer = error
print(answer.status, len(answer.read()))
"""


def test_what_a_program_sends_through_the_proxy_is_kept(server, tmp_path):
    folder = tmp_path / "recorded"
    record = pathlib.Path(__file__).resolve().parent.parent / "record.py"
    done = server.tradewind(
        "exec", "--", sys.executable, record, folder, "--", sys.executable, "-c", ASK
    )
    (exchange,) = wire.exchanges(folder)
    assert exchange.host == "sts.us-east-1.amazonaws.com"
    assert done.stdout.split() == [str(exchange.status), str(len(exchange.answer))]
    assert exchange.body.startswith(b"Action=GetCallerIdentity")
