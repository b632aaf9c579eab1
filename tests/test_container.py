"""The container file keeps its promises: another user, a root that cannot be written, health, nothing that builds."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import time
import tomllib
import urllib.request
from pathlib import Path

import pytest
from typer.main import get_command

import leadtime
from container_side import ROOT, can_close, mapped, served, stages
from leadtime.cli import app
from terminal_side import typed

CLOSED = can_close()
closed = pytest.mark.skipif(bool(CLOSED), reason=f"no namespace here: {CLOSED}")


def test_the_base_is_one_slim_image_pinned_to_its_last_number():
    build, run = stages()
    assert build.base == run.base == run.pairs("LABEL")["org.opencontainers.image.base.name"]
    version = re.fullmatch(r"docker\.io/library/python:(3\.1[123])\.\d+-slim-[a-z]+", build.base)
    assert version and f"Python :: {version[1]}" in (ROOT / "pyproject.toml").read_text()


def test_it_runs_as_another_user_than_root_and_names_what_is_written():
    _, run = stages()
    assert re.fullmatch(r"[1-9]\d{3,}:[1-9]\d{3,}", run.last("USER"))
    after = [name for name, _ in run.steps].index("USER")
    assert not {"RUN", "COPY", "ADD"} & {name for name, _ in run.steps[after:]}
    owned = [c for c in run.all("COPY") if "--chown" in c]
    assert [c.split()[-1] for c in owned] == [run.last("VOLUME")] == [run.pairs("ENV")["LEADTIME_CACHE"]]
    assert f"--chown={run.last('USER')} " in owned[0]


def test_what_is_installed_is_hashed_and_what_builds_is_taken_away():
    build, run = stages()
    installs = [r for r in build.all("RUN") if "pip install" in r]
    assert installs and all("--require-hashes" in r or "--no-index" in r for r in installs)
    gone = next(r for r in build.all("RUN") if "pip uninstall" in r).split()
    lock = subprocess.run(
        [sys.executable, "-c", "import importlib.metadata as m; print(*m.requires('hatchling'))"],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    assert {"hatchling", "editables", "trove-classifiers", "pip"} <= set(gone) and "trove-classifiers" in lock
    assert any("pip uninstall" in r for r in run.all("RUN"))
    assert all(c.startswith("--from=build") for c in run.all("COPY"))
    assert not [r for s in (build, run) for r in s.all("RUN") if re.search(r"apt-get|curl|wget|https?://", r)]


def test_labels_and_health_are_those_of_this_version():
    _, run = stages()
    labels = run.pairs("LABEL")
    assert labels["org.opencontainers.image.version"] == leadtime.__version__
    assert labels["org.opencontainers.image.licenses"] == "Apache-2.0"
    assert any("/health'" in w for w in run.health())
    assert run.exec_form("ENTRYPOINT") == ["leadtime"] and run.last("EXPOSE") == "8300"


def test_what_it_runs_of_leadtime_is_a_command_with_its_options():
    build, run = stages()
    said = [r for value in build.all("RUN") for r in re.findall(r"bin/leadtime (.+)", value)]
    said += [" ".join(run.exec_form("CMD"))]
    assert len(said) >= 3
    for words in map(shlex.split, said):
        command = get_command(app).commands[words[0]]
        known = {o for p in command.params for o in p.opts}
        assert [w for w in words if w.startswith("--") and w not in known] == []


def test_the_builder_is_sent_what_is_copied_and_nothing_else():
    build, _ = stages()
    sources = {s for c in build.all("COPY") for s in c.split()[:-1]}
    assert all((ROOT / s).exists() for s in sources)
    said = (ROOT / ".dockerignore").read_text().splitlines()
    assert said[1] == "*" and {line[1:] for line in said if line.startswith("!")} == {s.strip("/") for s in sources}
    wheel = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["build"]["targets"]["wheel"]
    assert {*wheel["force-include"], "src", "README.md", "LICENSE"} <= sources


def test_without_a_token_it_listens_to_nobody_and_says_why():
    _, run = stages()
    assert run.exec_form("ENTRYPOINT") == ["leadtime"]
    said = typed(*run.exec_form("CMD"), LEADTIME_TOKEN="")
    assert said.returncode != 0 and "LEADTIME_TOKEN" in said.stderr and said.stdout == ""


@closed
def test_it_serves_as_its_user_with_a_root_that_cannot_be_written(tmp_path):
    _, run = stages()
    beside = {"PYTHONPATH": str(ROOT / "src")}
    with served(run, tmp_path, Path(sys.executable).parent, beside) as server:
        keeps_its_promises(server)
    assert server.stopped in (0, -15)


def keeps_its_promises(server):
    status = Path(f"/proc/{server.process.pid}/status").read_text()
    assert f"Uid:\t{server.user}\t{server.user}\t{server.user}\t{server.user}" in status
    assert re.search(r"^CapEff:\s0000000000000004$", status, flags=re.MULTILINE)  # to read what only root may
    for place in (ROOT, "/tmp", "/var/tmp", "/usr"):
        refused = server.inside("touch", f"{place}/written-by-a-test")
        assert refused.returncode and re.search("Read-only|Permission denied", refused.stderr), place
    assert "Read-only" in server.inside("touch", "/var/tmp/written-by-a-test").stderr  # where anyone else may write
    assert server.inside("ls", str(server.writable / "cache")).stdout
    assert server.get("/")[0] == 401
    assert server.get("/health")[0] == 200
    status, body = server.get("/api/v1/rules/status?chip=h20&to=CHN&on=2025-05-01", server.token)
    assert status == 200 and "needed a license" in json.loads(body)["sentence"]


@pytest.mark.slow
@closed
def test_its_commands_build_what_then_serves(tmp_path):
    """Every RUN of the build in its order, in a folder: minutes, and a network."""
    build, run = stages()
    wanted = re.search(r"python:(3\.\d+)", build.base)[1]
    python = next((p for p in pythons() if version_of(p) == wanted), None)
    if python is None:
        pytest.skip(f"no Python {wanted} here")
    places = {
        "/opt/leadtime": tmp_path / "opt",
        "/srv/leadtime": tmp_path / "srv",
        "/var/cache/leadtime": tmp_path / "kept",
    }
    source = tmp_path / "src"
    source.mkdir()
    env = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "VIRTUAL_ENV"))}
    env["PATH"] = f"{tmp_path}/bin:{env['PATH']}"
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "python").symlink_to(python)
    for name, value in build.steps:
        if name == "COPY":
            *which, to = value.split()
            for each in which:
                at = source / to / Path(each).name if to == "./" else source / to
                at.parent.mkdir(parents=True, exist_ok=True)
                (shutil.copytree if (ROOT / each).is_dir() else shutil.copy)(ROOT / each, at)
        elif name == "ENV":
            env |= dict(w.split("=", 1) for w in mapped(value, places).split())
        elif name == "ARG":
            env |= dict([value.split("=", 1)])
        elif name == "RUN":
            done = subprocess.run(
                ["sh", "-c", mapped(value, places)], cwd=source, env=env, capture_output=True, text=True
            )
            assert done.returncode == 0, (value, done.stderr[-2000:])
    there = {p.name.partition("-")[0] for p in next((tmp_path / "opt/lib").iterdir()).glob("site-packages/*.dist-info")}
    assert {"leadtime", "psycopg", "mcp"} <= there and not there & {"pip", "hatchling", "setuptools", "editables"}
    assert (tmp_path / "srv" / "index.html").stat().st_size > 100_000 and any((tmp_path / "kept").glob("*.npz"))
    (edition,) = (tmp_path / "kept" / "editions").iterdir()
    assert (edition / "index.html").is_file()
    with served(run, tmp_path, tmp_path / "opt" / "bin", {}) as server:
        keeps_its_promises(server)


def pythons():
    kept = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"), "versions")
    yield from (str(p) for p in sorted(kept.glob("*/bin/python3")))
    yield from filter(None, (shutil.which(f"python3.{n}") for n in (11, 12, 13)))


def version_of(python):
    said = subprocess.run(
        [python, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"], capture_output=True, text=True
    )
    return said.stdout.strip()


def engine():
    """The engine that builds and runs here, and why there is none."""
    reasons = []
    for name in ("docker", "podman"):
        if shutil.which(name) is None:
            reasons.append(f"{name} is not installed")
            continue
        asked = subprocess.run([name, "info"], capture_output=True, text=True, timeout=60)
        if asked.returncode == 0 and "Cannot connect" not in asked.stdout + asked.stderr:
            return name, ""
        reasons.append(f"{name}: {(asked.stderr.strip().splitlines() or ['does not answer'])[-1]}")
    return "", "; ".join(reasons)


@pytest.mark.slow
def test_an_engine_builds_it_and_runs_it_closed(tmp_path):
    tool, why = engine()
    if not tool:
        pytest.skip(f"no container engine here: {why}")

    def call(*words, check=True):
        return subprocess.run([tool, *words], check=check, capture_output=True, text=True).stdout.strip()

    name = f"leadtime-test-{os.getpid()}"
    call("build", "--file", str(ROOT / "Containerfile"), "--tag", name, str(ROOT))
    try:
        token = "0123456789abcdef"
        call("run", "--detach", "--name", name, "--read-only", "--tmpfs", "/tmp", "--cap-drop", "ALL",
             "--security-opt", "no-new-privileges", "--env", f"LEADTIME_TOKEN={token}",
             "--publish", "127.0.0.1::8300", name)  # fmt: skip
        port = call("port", name, "8300").splitlines()[0].rpartition(":")[2]
        end = time.monotonic() + 120
        while not answers(f"http://127.0.0.1:{port}/health"):
            assert time.monotonic() < end, call("logs", name)
            time.sleep(0.5)
        assert call("exec", name, "id", "-u") == "10001"
        assert "refused" in call("exec", name, "sh", "-c", "touch /srv/x /opt/x /usr/x 2>/dev/null || echo refused")
        assert call("exec", name, "sh", "-c", "command -v pip gcc make || echo none") == "none"
        asked = urllib.request.Request(f"http://127.0.0.1:{port}/", headers={"Authorization": f"Bearer {token}"})
        with urllib.request.urlopen(asked, timeout=60) as answer:
            assert answer.status in (200, 202)
    finally:
        call("rm", "--force", "--volumes", name, check=False)
        call("rmi", "--force", name, check=False)


def answers(address):
    try:
        with urllib.request.urlopen(address, timeout=5) as answer:
            return answer.status == 200
    except OSError:
        return False
