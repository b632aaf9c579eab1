"""Scripts that install what tests use: they install where they may, and else say why not and what to do."""

import os
import shutil
import stat
import subprocess
from pathlib import Path

import pytest

SCRIPTS = Path(__file__).parents[1] / "scripts"
#: What each installs, the file that shows that it is there, and how it is switched off.
KNOWN = {
    "install_chromium.sh": ("chromium", "bin/chromium", {"LEADTIME_CHROMIUM": ""}),
    "install_postgresql.sh": ("postgresql", "lib/postgresql/15/bin/initdb", {"LEADTIME_POSTGRESQL": "no"}),
}
TOOLS = ("bash", "cat", "dirname", "env", "grep", "mkdir", "printf", "sed", "tail", "tee", "touch", "chmod", "true")


class Machine:
    """A folder that stands for a machine: its own path, its own apt-get, sudo and user."""

    def __init__(self, folder, name):
        self.folder, self.name = folder, name
        for part in ("bin", "etc", "scripts"):
            (folder / part).mkdir()
        for tool in TOOLS:
            if found := shutil.which(tool):
                (folder / "bin" / tool).symlink_to(found)
        for script in (name, "apt.sh"):
            text = (
                (SCRIPTS / script).read_text().replace("/usr/lib/", f"{folder}/lib/").replace("/etc/", f"{folder}/etc/")
            )
            (folder / "scripts" / script).write_text(text)

    def command(self, name, body):
        path = self.folder / "bin" / name
        path.write_text(f"#!{shutil.which('bash')}\n{body}\n")
        path.chmod(path.stat().st_mode | stat.S_IXUSR)

    def made(self, *, root, apt="", sudo=""):
        self.command("id", f"echo {0 if root else 1000}")
        if apt:
            self.command("apt-get", f'echo "$@" >>{self.folder}/asked\n{apt}')
        if sudo:
            self.command("sudo", f"shift\n{sudo}")
        return self

    def run(self, **env):
        said = subprocess.run(
            [shutil.which("bash"), str(self.folder / "scripts" / self.name)],
            env={"PATH": str(self.folder / "bin"), **env}, capture_output=True, text=True, timeout=20,
        )  # fmt: skip
        assert said.returncode == 0, said.stderr  # it never fails
        return said

    @property
    def asked(self):
        path = self.folder / "asked"
        return path.read_text() if path.exists() else ""


@pytest.fixture(params=sorted(KNOWN))
def machine(request, tmp_path):
    return Machine(tmp_path, request.param)


def installs(machine):
    """What apt-get does where it works: the file is there afterwards."""
    at = machine.folder / KNOWN[machine.name][1]
    return f'case "$*" in *install*) mkdir -p {at.parent}; touch {at}; chmod +x {at} ;; esac'


def test_every_script_of_the_kind_is_tried_here():
    assert {p.name for p in SCRIPTS.glob("install_*.sh")} >= set(KNOWN)
    for path in [*SCRIPTS.glob("*.sh")]:
        assert subprocess.run(["bash", "-n", path], capture_output=True).returncode == 0
        assert path.name == "apt.sh" or os.access(path, os.X_OK)


@pytest.mark.parametrize("root", [True, False])
def test_it_installs_as_root_and_by_a_sudo_that_asks_nothing(machine, root):
    machine.made(root=root, apt=installs(machine), sudo='exec "$@"')
    said = machine.run()
    package, there, _ = KNOWN[machine.name]
    assert package in machine.asked and "installing" in said.stderr and "sudo" not in said.stderr
    assert said.stdout.strip() == (str(machine.folder / there) if there.startswith("bin/") else "")
    if package == "postgresql":
        assert "false" in (machine.folder / "etc/postgresql-common/createcluster.conf").read_text()


def test_what_is_there_is_not_installed_again(machine):
    machine.made(root=True, apt=installs(machine))
    machine.run()
    before = machine.asked
    assert "installing" not in machine.run().stderr and machine.asked == before


@pytest.mark.parametrize(("made", "why"), [
    ({"root": True, "apt": "echo 'E: Temporary failure' >&2; exit 100"}, "without a network: E: Temporary failure"),
    ({"root": False, "apt": "exit 1", "sudo": "exit 1"}, "wants root"),
    ({"root": False, "apt": "exit 1"}, "wants root"),
    ({"root": True}, "no Debian or Ubuntu"),
])  # fmt: skip
def test_where_it_cannot_it_says_why_and_what_to_do(machine, made, why):
    said = machine.made(**made).run()
    package = KNOWN[machine.name][0]
    assert said.stdout.strip() == ""
    assert why in said.stderr and f"sudo apt-get install {package}" in said.stderr and "skipped" in said.stderr


def test_it_can_be_switched_off(machine):
    assert machine.made(root=True, apt="exit 1").run(**KNOWN[machine.name][2]).stderr == ""
    assert machine.asked == ""
