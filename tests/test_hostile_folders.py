"""Study folders that harm: each is put to every command that reads one, and to an import; nothing anywhere is changed
or told.
"""

import hashlib
import json
import os
import re
import socket
import stat
import subprocess
import time
import zipfile
from pathlib import Path

import pytest
from typer.testing import CliRunner

from leadtime import stranger
from leadtime.claims import available as claims_of
from leadtime.claims import ledger
from leadtime.cli import app
from leadtime.errors import LeadtimeError
from leadtime.report import results
from leadtime.scenario.files import available as scenarios_of
from leadtime.study import Study
from leadtime.web.studies import _copied

HEAD = "model,benchmark,score,evaluator,report_type,known_on,source\n"
ROW = "gpt-4-2023-06,mmlu-pro,0.21,epoch-ai,independent,2024-05-01,mmlu-pro-readme\n"
SECRET = "root:do-not-tell:0:0"


BUILT_IN = ledger.built_in()
#: Entries that a folder may have in these tests.
MOST = 200


def link(*names, to):
    """Links in a study, `OUT` standing for the folder beside it."""

    def made(study, outside):
        for name in names:
            (study / name).parent.mkdir(parents=True, exist_ok=True)
            (study / name).symlink_to(to.replace("OUT", str(outside)))

    return made


def text(files):
    def made(study, outside):
        for name, content in files.items():
            path = study / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content.replace("OUT", str(outside)))

    return made


def special(name, kind):
    def made(study, outside):
        (study / name).parent.mkdir(parents=True, exist_ok=True)
        if kind == "pipe":
            os.mkfifo(study / name)
        elif kind == "folder":
            (study / name).mkdir()
        elif kind == "socket":
            here = os.open(".", os.O_RDONLY)
            os.chdir((study / name).parent)  # the name of a socket is short
            with socket.socket(socket.AF_UNIX) as s:
                s.bind(Path(name).name)
            os.fchdir(here)
            os.close(here)
        else:
            with (study / name).open("wb") as file:
                file.truncate(20_000_000_000)

    return made


def many(folder, ending):
    def made(study, outside):
        (study / folder).mkdir()
        for i in range(MOST + 1):
            (study / folder / f"{i}{ending}").touch()

    return made


LISTED = {
    "OUT/keep.csv": False,
    "../outside/keep.csv": False,
    "../outside/gone": True,
    "evidence/../../outside/keep.csv": False,
    "\u0000": False,
}
CHANGES = "quarantine/.changes.json"
MARKS = "gpt-5\x1b]0;mine\x07"
#: What is in the folder, and what `check` says of it; "" where it is sound.
HOSTILE = {
    "a list of files to delete": (text({CHANGES: json.dumps(LISTED)}), ""),
    "a list that is none": (text({CHANGES: "[1, 2"}), ""),
    "a list of no names": (text({CHANGES: '{"a": {}, "": 1}'}), ""),
    "a list in the folder of imports": (
        text({"imports/.changes.json": json.dumps(LISTED), "imports/changes.json": json.dumps(LISTED)}),
        "",
    ),
    "link to a file": (link("evidence/scores.csv", to="OUT/keep.csv"), "leads out"),
    "climbing link": (link("evidence/scores.csv", to="../../../outside/keep.csv"), "leads out"),
    "link to a file of each part": (
        link("claims/a.yaml", "rules/a.yaml", "scenarios/a.yaml", "scenarios/profiles/a.yaml", to="OUT/keep.csv"),
        "claims/a.yaml: is a link that leads out",
    ),
    "link to settings": (link("leadtime.toml", to="OUT/keep.csv"), "leads out"),
    "link to a lock": (link("leadtime.lock", to="OUT/keep.csv"), "leads out"),
    "link to nothing": (link("evidence/scores.csv", to="OUT/nothing"), "leads out"),
    "link to nothing within": (link("evidence/scores.csv", to="nothing.csv"), "cannot be read"),
    "link to a device": (link("evidence/scores.csv", "claims/a.yaml", to="/dev/zero"), "leads out"),
    "link to the terminal": (link("leadtime.toml", to="/dev/tty"), "leads out"),
    "links to folders": (link("evidence", "claims", "rules", "scenarios", to="OUT"), "rules: is a link that leads out"),
    "link to the root": (link("evidence", to="/"), "leads out"),
    "link to itself": (link("evidence/scores.csv", to="scores.csv"), "circle"),
    "links to each other": (
        lambda s, o: (
            link("evidence/scores.csv", to="chips.csv")(s, o),
            link("evidence/chips.csv", to="scores.csv")(s, o),
        ),
        "circle",
    ),
    "imports elsewhere": (link("imports", to="OUT"), "leads out"),
    "an import elsewhere": (link("imports/own.1", to="OUT/own.1"), "leads out"),
    "an older import elsewhere": (
        lambda s, o: (
            text({"imports/own.2/scores.csv": HEAD + ROW})(s, o),
            link("imports/own.1", to="OUT/own.1")(s, o),
        ),
        "",
    ),
    "an unfinished import elsewhere": (link("imports/.own.1.x-1-0.partial", to="OUT/own.1"), ""),
    "imports of 0.1 elsewhere": (link("quarantine", to="OUT"), ""),
    "imports are a file": (text({"imports": ""}), "not a folder"),
    "an import is a file": (text({"imports/own.1": ""}), "not a folder"),
    "imports are a pipe": (special("imports", "pipe"), "not a folder"),
    "a table of an import is a pipe": (special("imports/own.1/scores.csv", "pipe"), "is a pipe"),
    **{
        f"a {kind} for {name}": (special(name, kind), f"is a {kind}")
        for kind in ("pipe", "socket", "folder")
        for name in ("evidence/scores.csv", "leadtime.toml", "leadtime.lock", "claims/a.yaml", "rules/a.yaml")
    },
    "pipes for parts": (
        lambda s, o: [special(p, "pipe")(s, o) for p in ("evidence", "claims", "rules", "scenarios")],
        "not a folder",
    ),
    **{
        f"a huge {name}": (special(name, "huge"), "more than")
        for name in (
            "evidence/scores.csv",
            "imports/own.1/scores.csv",
            "leadtime.toml",
            "leadtime.lock",
            "claims/a.yaml",
            "scenarios/a.yaml",
        )
    },
    "NUL": (text({"evidence/scores.csv": HEAD + ROW.replace("gpt-4", "gpt\0")}), "control character"),
    "NUL in settings": (text({"leadtime.toml": "seed = 1\0"}), "is not TOML"),
    "a name that is no UTF-8": (
        lambda s, o: (
            (s / "evidence").mkdir(),
            os.close(os.open(os.fsencode(s) + b"/evidence/sc\xff.csv", os.O_CREAT)),
        ),
        r"sc\\udcff.csv: has a name with characters that nobody can see",
    ),
    "names that forge lines": (
        text({"evidence/\x1b[2J.csv": "", "claims/a\nerror: none.yaml": "", "scenarios/\u202egnp.yaml": ""}),
        r"\\x1b\[2J.csv: has a name",
    ),
    "names of nothing read": (text({"evidence/\x1b[2J": "", "imports/a\nsound": ""}), ""),
    "many tables": (many("evidence", ".csv"), "entries"),
    "many claims": (many("claims", ".yaml"), "entries"),
    "many imports": (many("imports", ".1"), "entries"),
    "a folder in a folder in": (text({"evidence/" + "a/" * 400 + "scores.csv": ""}), ""),
    "numbers that are none": (
        text(
            {
                f"imports/own.{n}/scores.csv": "x"
                for n in (
                    "0x1",
                    "99999999999999999999",
                    "01",
                    "0",
                    "-1",
                    "+1",
                    "1e3",
                    "\u0661",
                    "1_0",
                    " 1",
                    "1.csv",
                    "",
                )
            }
            | {"imports/own.1/scores.csv": HEAD + ROW}
        ),
        "",
    ),
    "the last number": (text({"imports/own.999999999/scores.csv": HEAD + ROW}), ""),
    "a table that is none": (text({"imports/own.1/../own.1/passwd.csv": ""}), "there is no table called"),
    "long keys": (text({"leadtime.toml": ".".join("a" * 100_000) + " = 1"}), "more than 4,000 bytes"),
    "keys within the bound": (text({"leadtime.toml": ".".join("a" * 1_990) + " = 1"}), "no setting"),
    "a deep lock": (text({"leadtime.lock": "[" * 200_000}), "is not a lock"),
    "a lock of numbers": (text({"leadtime.lock": "9" * 200_000}), "is not a lock"),
    "a lock that says much": (
        text({"leadtime.lock": json.dumps({"as_of": "x" * 200_000, "evidence_hash": "", "packages": {}})}),
        "is not a lock",
    ),
    "a lock that forges lines": (
        text(
            {
                "leadtime.lock": json.dumps(
                    {
                        "as_of": "2026-01-01",
                        "evidence_hash": "\x1b[2J\nsound\nsound\n",
                        "packages": {"a\nerror: none": "1"},
                    }
                )
            }
        ),
        "nobody can see",
    ),
    "a long name of a column": (text({"evidence/scores.csv": "x" * 100_000 + "\n"}), "no column"),
    "a long base": (text({"scenarios/a.yaml": "title: a\nnarrative: b\nbase: " + "x" * 300_000 + "\n"}), "no scenario"),
    "another YAML": (
        text({"scenarios/a.yaml": "%YAML 1.1\n---\ntitle: a\nnarrative: b\nlevers: {uptake: 1e3}\n"}),
        "begins with %",
    ),
    "bases on each other": (
        text({f"scenarios/s{i}.yaml": f"title: a\nnarrative: b\nbase: s{i + 1}\n" for i in range(190)}),
        "no scenario called 's190'",
    ),
    "environment of the process": (link("evidence/scores.csv", to="/proc/self/environ"), "leads out"),
    "a part that is the study": (link("imports/own.1", to=".."), ""),
    "a mark of 0.1 that leads out": (
        lambda s, o: (
            text({"evidence/scores.own.csv": HEAD + ROW})(s, o),
            link("quarantine/own.csv", to="OUT/keep.csv")(s, o),
        ),
        "",
    ),
    "anchors": (text({"claims/a.yaml": "- &a do-not-tell\n" * 5_000}), "an anchor"),
    "texts that move the cursor": (
        text({"evidence/scores.csv": HEAD + ROW.replace("gpt-4-2023-06", MARKS)}),
        "control character",
    ),
}
#: What git and zip carry.
CARRIED = [
    n for n in HOSTILE if not re.search("pipe|socket|folder for|huge|no UTF-8|many|folder in|numbers|0.1|names", n)
]


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A folder for studies, with one beside it that no study may reach."""
    monkeypatch.setattr(stranger, "MOST_ENTRIES", MOST)
    shipped = BUILT_IN
    monkeypatch.setattr(ledger, "built_in", lambda: shipped)
    outside = tmp_path / "outside"
    (outside / "own.1").mkdir(parents=True)
    (outside / "keep.csv").write_text(SECRET)
    (outside / ".gone.coming").write_text(SECRET)
    for name in ("own.1/scores.csv", "own.1/quarantine.csv", "own.csv"):
        (outside / name).write_text(SECRET)
    (tmp_path / "own.csv").write_text(HEAD + ROW.replace("0.21", "0.22"))
    return tmp_path


def state(folder):
    """All that is in a folder: names, kinds, times, links, content."""
    found = {}
    for root, folders, names in os.walk(folder):
        for path in (Path(root), *(Path(root, n) for n in (*folders, *names))):
            s = path.lstat()
            small = stat.S_ISREG(s.st_mode) and s.st_size < 1_000_000
            content = (
                hashlib.sha256(path.read_bytes()).digest() if small else path.is_symlink() and str(path.readlink())
            )
            found[os.fsencode(path)] = (s.st_mode, s.st_size, s.st_mtime_ns, s.st_ctime_ns, content)
    return found


def put(*arguments):
    """A command as its user meets it: exit code and words, in a second or two, without a traceback or a word of the
    secret.
    """
    begun = time.process_time()
    done = CliRunner().invoke(app, [str(a) for a in arguments])
    assert time.process_time() - begun < 4, arguments
    assert done.exception is None or isinstance(done.exception, LeadtimeError | SystemExit), (arguments, done.exception)
    said = done.output + (str(done.exception) if isinstance(done.exception, LeadtimeError) else "")
    assert "do-not-tell" not in said
    assert "\x1b" not in said and "\nsound\n" not in said.replace("sound\n", "", 1) and "\nerror: none" not in said
    assert max(map(len, said.splitlines()), default=0) < 1_000
    return done.exit_code, said


READERS = (
    ("check",),
    ("evidence", "scores", "--study"),
    ("rules", "status", "h20", "--to", "CHN", "--study"),
    ("diff", "built-in", "--rows"),
    ("cost", "deepseek-v3", "--study"),
    ("scenario", "list", "--study"),
)


def attacked(place, study, told):
    before = state(place)
    some = READERS if "list" in study.name else READERS[:2]  # the others read by the same calls, which are tried below
    said = {command[0]: put(*command, study) for command in some}
    assert state(place) == before
    code, words = said["check"]
    assert (code, bool(re.search(told or "no mistakes found", words))) == (bool(told), True), words
    rest = {p: v for p, v in before.items() if not p.startswith(os.fsencode(study))}
    put("import", "csv", place / "own.csv", "--into", study, "--label", "own")
    assert {p: v for p, v in state(place).items() if not p.startswith(os.fsencode(study))} == rest


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_folder_is_only_read(place, name):
    make, told = HOSTILE[name]
    study = place / name.replace("/", " ")
    study.mkdir()
    make(study, place / "outside")
    attacked(place, study, told)


def as_clone(source, to):
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@b", "-c", "init.defaultBranch=main", "-C"]
    for command in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "a"]):
        subprocess.run([*git, source, *command], check=True)
    subprocess.run(["git", "clone", "-q", source, to], check=True)


def as_zip(source, to):
    """As `unzip` does, which keeps links."""
    with zipfile.ZipFile(source.with_suffix(".zip"), "w") as packed:
        for path in source.rglob("*"):
            if path.is_symlink() or path.is_file():
                info = zipfile.ZipInfo(path.relative_to(source).as_posix())
                info.external_attr = path.lstat().st_mode << 16
                packed.writestr(info, str(path.readlink()) if path.is_symlink() else path.read_bytes())
    to.mkdir()
    with zipfile.ZipFile(source.with_suffix(".zip")) as packed:
        for info in packed.infolist():
            path = to / info.filename
            path.parent.mkdir(parents=True, exist_ok=True)
            content = packed.read(info)
            path.symlink_to(content.decode()) if stat.S_ISLNK(info.external_attr >> 16) else path.write_bytes(content)


@pytest.mark.parametrize("bring", [as_clone, as_zip])
def test_a_hostile_folder_that_git_or_a_zip_brought_is_only_read(place, bring):
    (place / "studies").mkdir()
    for i, name in enumerate(CARRIED):
        (place / "studies" / f"{i}").mkdir()
        (place / "studies" / f"{i}" / "README.md").write_text("")
        HOSTILE[name][0](place / "studies" / f"{i}", place / "outside")
    bring(place / "studies", place / "brought")
    before = state(place)
    for i, name in enumerate(CARRIED):
        (code, words), told = put("check", place / "brought" / f"{i}"), HOSTILE[name][1]
        assert (code, bool(re.search(told or "no mistakes found", words))) == (bool(told), True), (name, words)
    assert state(place) == before


def test_a_hostile_folder_is_neither_served_nor_reported_nor_asked(place):
    """Those who copy a study for their readers, hash its files, and ask it in Python."""
    for i, name in enumerate(HOSTILE):
        study, copy = place / f"study{i}", place / f"copy{i}"
        study.mkdir()
        copy.mkdir()
        HOSTILE[name][0](study, place / "outside")
        before = state(study), state(place / "outside")
        for ask in (
            lambda s=study: Study(folder=s, method="map").key,
            lambda s=study: results.own_files(s),
            lambda s=study: scenarios_of(s),
            lambda s=study: claims_of(s),
            lambda s=study, c=copy: _copied(s, c),
        ):
            try:
                ask()
            except LeadtimeError as error:
                assert SECRET not in str(error)
        assert (state(study), state(place / "outside")) == before
        assert all((p.is_file() and not p.is_symlink()) or p.is_dir() for p in copy.rglob("*"))
        assert not any(SECRET in p.read_text() for p in copy.rglob("*") if p.is_file())
