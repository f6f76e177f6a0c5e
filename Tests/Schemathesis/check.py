"""Holds a running hub to its own OpenAPI description (S-28): check.py DASHBOARD-URL UPDATER-URL, in an empty folder.

The token is in AURORA_API_TOKEN. Every route gets the values at the edges of its schema and some at random, good and bad
ones: no answer may be a fault of the hub, and every answer must have a status, a type and a shape that is described.
"""

import json
import os
import pathlib
import subprocess
import sys
import urllib.request

CHECKS = [
    "not_a_server_error", "status_code_conformance", "content_type_conformance", "response_headers_conformance",
    "response_schema_conformance", "ignored_auth",
]
# An unknown method is 501 by RFC 9110 §15.6.2; everything else of that kind is a fault.
CONFIGURATION = """
[checks]
not_a_server_error.expected-statuses = ["2xx", "3xx", "4xx", "501"]
"""
# Bytes of a resumable upload, as any other bytes.
HOOKS = """
import schemathesis
schemathesis.serializer.alias("application/partial-upload", "application/octet-stream")
"""


def half(description, port):
    """The part of the description that one port answers."""
    paths = {}
    for path, item in description["paths"].items():
        kept = {method: route for method, route in item.items() if port in route["x-aurora-ports"]}
        if kept:
            paths[path] = kept
    return dict(description, paths=paths)


def main():
    dashboard, updater = sys.argv[1:3]
    token = os.environ["AURORA_API_TOKEN"]
    request = urllib.request.Request(
        dashboard + "/api/v1/openapi.json", headers={"Authorization": "Bearer " + token})
    with urllib.request.urlopen(request) as answer:
        description = json.load(answer)
    pathlib.Path("schemathesis.toml").write_text(CONFIGURATION)
    pathlib.Path("hooks.py").write_text(HOOKS)
    program = pathlib.Path(sys.executable).with_name("schemathesis")
    failed = False
    for port, url in [("dashboard", dashboard), ("updater", updater)]:
        file = pathlib.Path(port + ".json")
        file.write_text(json.dumps(half(description, port)))
        command = [
            program, "--config-file", "schemathesis.toml", "run", file, "--url", url,
            "--header", "Authorization: Bearer " + token, "--phases", "coverage,fuzzing",
            "--checks", ",".join(CHECKS), "--max-examples", "5", "--seed", "28", "--continue-on-failure",
            "--generation-database", "none", "--no-color",
        ]
        environment = dict(os.environ, SCHEMATHESIS_HOOKS="hooks", PYTHONPATH=os.getcwd())
        failed |= subprocess.run(command, env=environment).returncode != 0
    sys.exit(failed)


main()
