"""What `Containerfile` says, and the same commands run without an engine: a read-only root, another user, one folder
to write in.
"""

import io
import json
import os
import re
import secrets
import shlex
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
#: In a mount namespace of its own: $1 is all that can be written, nothing else; then the user changes. The capability
#: to read what only root may is kept, since the interpreter may lie in root's home; none to write is.
_CLOSED = """
set -eu
where=$1
shift
mount -t tmpfs -o mode=0777,size=2g tmpfs "$where"
for at in $(awk '{print $5}' /proc/self/mountinfo); do
  case $at in "$where"|/proc|/proc/*|/sys|/sys/*|/dev|/dev/*) ;;
  *) mount -o remount,bind,ro "$at" 2>/dev/null || true ;; esac
done
mount -o remount,rw "$where"
cd "$where"
exec "$@"
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One stage of the file: what it starts from, and its instructions in their order."""

    base: str
    name: str
    steps: list[tuple[str, str]] = field(default_factory=list)

    def all(self, instruction):
        return [value for name, value in self.steps if name == instruction]

    def last(self, instruction):
        return self.all(instruction)[-1]

    def exec_form(self, instruction):
        """The words of an instruction in its exec form, which needs no shell."""
        return json.loads(self.last(instruction))

    def pairs(self, instruction):
        return dict(w.split("=", 1) for value in self.all(instruction) for w in shlex.split(value))

    def health(self):
        return json.loads(self.last("HEALTHCHECK").partition("CMD")[2])


def stages():
    parser = pytest.importorskip("dockerfile_parse").DockerfileParser(
        fileobj=io.BytesIO((ROOT / "Containerfile").read_bytes())
    )
    found = []
    for step in parser.structure:
        if step["instruction"] == "FROM":
            base, _, name = step["value"].partition(" AS ")
            found.append(Stage(base=base, name=name))
        elif step["instruction"] != "COMMENT":
            found[-1].steps.append((step["instruction"], step["value"]))
    return found


def mapped(text, places):
    """A text with the folders of the image led to those of the test."""
    any_of = "|".join(map(re.escape, sorted(places, key=len, reverse=True)))
    return re.sub(rf"(?<![\w/])({any_of})(?![\w-])", lambda m: str(places[m[1]]), text)


def can_close():
    """Whether a namespace with a read-only root and another user can be had; the reason it cannot, or nothing."""
    if sys.platform != "linux" or os.geteuid() != 0:
        return "a root of its own wants root on Linux"
    for tool in ("unshare", "setpriv", "mount"):
        if shutil.which(tool) is None:
            return f"{tool} is not there"
    tried = subprocess.run(
        ["unshare", "--mount", "--propagation", "private", "mount", "-t", "tmpfs", "tmpfs", "/mnt"], capture_output=True
    )
    return tried.stderr.decode().strip()


class Served:
    """A server as the last stage starts it, on loopback and a port of its own."""

    def __init__(self, stage, folder, binaries, more):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.writable, self.token = folder / "writable", secrets.token_urlsafe(16)
        self.writable.mkdir()
        places = {"/opt/leadtime/bin": binaries, "/var/cache/leadtime": self.writable / "cache", "/tmp": self.writable}
        self.env = {k: mapped(v, places) for k, v in stage.pairs("ENV").items()} | more
        self.env |= {"LEADTIME_TOKEN": self.token, "TMPDIR": str(self.writable)}
        self.user = int(stage.last("USER").partition(":")[0])
        said = [*stage.exec_form("ENTRYPOINT"), *stage.exec_form("CMD"), "--port", str(self.port)]
        self.command = ["127.0.0.1" if w == "0.0.0.0" else w for w in said]
        self.check = [w.replace(":8300/", f":{self.port}/") for w in stage.health()]
        self.process = None

    def closed(self, command):
        alone = ["unshare", "--mount", "--propagation", "private"]
        return [*alone, "sh", "-c", _CLOSED, "sh", str(self.writable), *self.as_user(), *command]

    def as_user(self):
        kept = "-all,+dac_read_search"
        return [
            *("setpriv", f"--reuid={self.user}", f"--regid={self.user}", "--clear-groups", "--no-new-privs"),
            *(f"--inh-caps={kept}", f"--ambient-caps={kept}", f"--bounding-set={kept}"),
        ]

    def is_well(self):
        return subprocess.run(self.check, env=self.env, capture_output=True, timeout=10).returncode == 0

    def inside(self, *command):
        """Run a command where the server runs: its namespace, its user."""
        enter = ["nsenter", "--mount", f"--target={self.process.pid}", *self.as_user()]
        return subprocess.run([*enter, *command], capture_output=True, text=True, timeout=20)

    def get(self, path, token=""):
        asked = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}")
        if token:
            asked.add_header("Authorization", f"Bearer {token}")
        try:
            with urllib.request.urlopen(asked, timeout=30) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()


@contextmanager
def served(stage, folder, binaries, more, patience=120):
    """Start it, wait until its own health check says that it is well, and stop it as an engine does."""
    server = Served(stage, folder, binaries, more)
    log = folder / "log"
    with log.open("wb") as out:
        server.process = subprocess.Popen(server.closed(server.command), env=server.env, stdout=out, stderr=out)
    try:
        end = time.monotonic() + patience
        while not server.is_well():
            assert server.process.poll() is None and time.monotonic() < end, log.read_text()[-3000:]
            time.sleep(0.2)
        yield server
    finally:
        server.process.terminate()
        try:
            server.stopped = server.process.wait(10)  # the patience of `docker stop`
        except subprocess.TimeoutExpired:
            server.process.kill()
            raise
