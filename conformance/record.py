"""Runs a program with the recorder before its proxy: `python record.py FOLDER -- PROGRAM…`.

Started by `tradewind exec`, so that its own environment is exactly the one a user's program gets.
Of that environment one thing is changed for the program: the port of the proxy, behind which the
recorder stands and hands everything on to the port that was there.
"""

import os
import subprocess
import sys
import urllib.parse

from harness.recorder import Recorder

PROXIES = ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy")


def main():
    folder, separator, *command = sys.argv[1:]
    if separator != "--" or not command:
        sys.exit(__doc__)
    proxy = urllib.parse.urlsplit(os.environ["HTTPS_PROXY"])
    upstream = (proxy.hostname, proxy.port)
    with Recorder(upstream, folder, authority_of=os.environ["TRADEWIND_DATA"]) as recorder:
        changed = {name: recorder.url for name in PROXIES if name in os.environ}
        ended = subprocess.run(command, env=os.environ | changed).returncode
    for failure in recorder.failures:
        print(f"recorder: {failure}", file=sys.stderr)
    sys.exit(ended or (70 if recorder.failures else 0))


if __name__ == "__main__":
    main()
