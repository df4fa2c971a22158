"""Airflow's API server, which serves its UI too, on a checkout of a test's own."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

AIRFLOW = Path(sys.executable).parent / "airflow"
# generous: a machine that runs other tests beside is slow, and a page that never comes fails all the same
START_SECONDS = 240


@contextmanager
def serving(orchestration, log):
    """Yield the address of a server in the orchestration's home, and what its admin's login sets as a cookie."""
    port = _free_port()
    address = f"http://localhost:{port}"
    environment = orchestration.environment | {"AIRFLOW__API__BASE_URL": address}
    command = [AIRFLOW, "api-server", "--host", "127.0.0.1", "--port", str(port), "--workers", "1"]
    with (
        log.open("w") as output,
        subprocess.Popen(command, env=environment, stdout=output, stderr=output, start_new_session=True) as server,
    ):
        try:
            _wait_for(port, server, log)
            yield address, _logged_in(port, json.loads(orchestration.password_file.read_text())["admin"])
        finally:
            os.killpg(server.pid, signal.SIGKILL)  # nothing of it is kept, and its own end takes long


def ask(port, path, headers=None, *, method="GET", body=None):
    """Ask for a path as it is written: a browser would first resolve what is relative in it."""
    connection = http.client.HTTPConnection("127.0.0.1", int(port), timeout=30)
    try:
        sent = None if body is None else json.dumps(body)
        connection.request(method, path, sent, {"Content-Type": "application/json"} | (headers or {}))
        response = connection.getresponse()
        response.body = response.read().decode()
        return response
    finally:
        connection.close()


def _free_port():
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        return unused.getsockname()[1]


def _wait_for(port, server, log):
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        try:
            if ask(port, "/api/v2/monitor/health").status == 200:
                return
        except OSError:
            time.sleep(0.2)
    pytest.fail(f"Airflow's API server did not start:\n{log.read_text()[-3000:]}")


def _logged_in(port, password):
    answer = ask(port, "/auth/token", method="POST", body={"username": "admin", "password": password})
    return json.loads(answer.body)["access_token"]
