"""Starts the simulators for a test and speaks with their control door."""

import json
import os
import subprocess
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

SYSTEMS = ("agent", "soap", "salesforce", "zoho")
REPOSITORY = Path(__file__).resolve().parents[2]


def binary() -> str:
    """The simulators command, from the environment."""
    path = os.environ.get("COUNTERPART_SIMULATORS")
    if not path:
        raise RuntimeError("set COUNTERPART_SIMULATORS to the path of the `simulators` binary")
    return path


class Simulators:
    """A running `simulators` process on free ports; `agent`, `soap`, `salesforce` and `zoho` are its announcement."""

    def __init__(self, *arguments: str) -> None:
        addresses = [part for system in SYSTEMS for part in (f"--{system}", "127.0.0.1:0")]
        command = [binary(), *addresses, *arguments]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"{command} ended with status {self.process.wait()}")
        announced = json.loads(line)
        self.agent, self.soap, self.salesforce, self.zoho = (announced[system] for system in SYSTEMS)

    def stop(self) -> None:
        """Ends the process."""
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()


def call(url: str, body: object = None, headers: dict | None = None, method: str | None = None) -> tuple[int, object]:
    """Status and JSON body of a call; errors are answers, too."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data=data, headers=headers or {}, method=method)
    try:
        with urllib.request.urlopen(request, timeout=30) as response:
            return response.status, json.loads(response.read() or b"null")
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.loads(error.read() or b"null")
