"""The audit of what leadtime stands on: it finds what is planted, and never takes silence for an answer."""

import datetime as dt
import http.server
import importlib.util
import json
import sys
import sysconfig
import threading
from pathlib import Path
from types import SimpleNamespace

import pytest

ROOT = Path(__file__).parents[1]
SYSTEM = sysconfig.get_platform().replace("-", "_").replace(".", "_")
HASH = "--hash=sha256:" + "0" * 64
PROJECT = '[project]\ndependencies = ["jinja2>=3"]\n'


@pytest.fixture(scope="module")
def audit():
    spec = importlib.util.spec_from_file_location("audit", ROOT / "scripts" / "audit.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules["audit"] = module  # its dataclass looks itself up
    spec.loader.exec_module(module)
    return module


def project(folder, run=f"jinja2==3.1.0 \\\n    {HASH}\n", dev="", pyproject=PROJECT):
    (folder / "requirements.lock").write_text(run)
    (folder / "requirements-dev.lock").write_text(dev or run)
    (folder / "pyproject.toml").write_text(pyproject)
    return folder


def test_our_own_locks_are_pinned_and_hashed_and_their_licenses_fit(audit):
    assert audit.lock(ROOT) == []
    assert audit.licenses(ROOT) == []
    assert len(audit.pins(ROOT / "requirements.lock")[0]) > 50


@pytest.mark.parametrize(
    "line",
    [
        "jinja2>=3 \\\n    " + HASH,
        "jinja2==3.1.0",
        "jinja2==3.1.0 \\\n    --hash=md5:" + "0" * 32,
        "jinja2 @ https://evil.example/x.whl \\\n    " + HASH,
        "--index-url https://evil.example/simple",
        "-e .",
        "jinja2==3.1.* \\\n    " + HASH,
        "--trusted-host evil.example",
    ],
)
def test_a_line_that_is_not_pinned_and_hashed_is_found(audit, tmp_path, line):
    wrong = audit.lock(project(tmp_path, run=line + "\n"))
    assert any("NAME==VERSION" in w for w in wrong)


def test_locks_that_do_not_agree_are_found(audit, tmp_path):
    wrong = audit.lock(
        project(
            tmp_path,
            dev=f"jinja2==3.1.1 \\\n    {HASH}\n",
            pyproject='[project]\ndependencies = ["jinja2", "polars>=1"]\n',
        )
    )
    assert wrong == [
        "jinja2 3.1.0 of requirements.lock is not in requirements-dev.lock",
        "polars of pyproject.toml is not in requirements.lock",
    ]


def test_what_no_lock_names_is_found_in_the_environment(audit, tmp_path):
    wrong = audit.installed(project(tmp_path))
    assert any(w.startswith("jinja2 is installed as") for w in wrong)
    assert any(w.startswith("pytest ") and "no lock names it" in w for w in wrong)


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        ("MIT", True),
        ("Apache-2.0 OR BSD-2-Clause", True),
        ("GPL-3.0-only OR MIT", True),
        ("BSD-3-Clause AND 0BSD AND MIT", True),
        ("MIT AND GPL-3.0-only", False),
        ("GPL-3.0-or-later", False),
        ("LGPL-2.1-only", False),
        ("", False),
        ("Proprietary", False),
        ("Apache-2.0 WITH LLVM-exception", True),
    ],
)
def test_a_license_fits_or_does_not(audit, text, fits):
    assert audit.allowed(text) == fits


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ([], "no longer in the index"),
        ([(None, "0" * 64)], ""),
        ([("a mistake", "0" * 64)], "withdrawn by its maintainers (a mistake)"),
        ([("", "0" * 64)], "without a reason"),
        ([(None, "1" * 64)], "no file in the index has a hash of the lock"),
        ([("x", "0" * 64), (None, "1" * 64)], ""),
    ],
)
def test_a_version_that_was_withdrawn_or_replaced_is_found(audit, files, words):
    pin = audit.Pin("jinja2", "3.1.0", "", frozenset({"0" * 64}))
    links = [SimpleNamespace(yanked_reason=y, hash=h, hash_name="sha256") for y, h in files]
    assert words in " ".join(audit.withdrawn(pin, links))
    assert bool(audit.withdrawn(pin, links)) == bool(words)


def test_an_index_is_asked_as_pip_is_set_up(audit, tmp_path, monkeypatch):
    """A folder for an index: pip's own settings name it, and it has one file of a locked hash, one that is not."""
    import hashlib

    (tmp_path / "index").mkdir()
    wheel = tmp_path / "index" / "jinja2-3.1.0-py3-none-any.whl"
    wheel.write_bytes(b"x")
    digest = hashlib.sha256(b"x").hexdigest()
    for name, value in {
        "PIP_INDEX_URL": "",
        "PIP_EXTRA_INDEX_URL": "",
        "PIP_NO_INDEX": "1",
        "PIP_FIND_LINKS": str(tmp_path / "index"),
        "PIP_CONFIG_FILE": "/dev/null",
    }.items():
        monkeypatch.setenv(name, value)
    assert audit.index(project(tmp_path, run=f"jinja2==3.1.0 \\\n    --hash=sha256:{digest}\n")) == []
    assert audit.index(project(tmp_path, run=f"jinja2==3.0.9 \\\n    {HASH}\n")) == [
        "jinja2 3.0.9, Python 3.11: no longer in the index"
    ]
    with pytest.raises(audit.NotAsked, match="does not answer about 1"):
        audit.index(project(tmp_path, run=f"polars==1.0.0 \\\n    {HASH}\n"))


@pytest.mark.parametrize(("marker", "hashes", "wrong"), [
    ("", 2, []), (" ; python_full_version < '3.12'", 1, []),
    ("", 1, ["lxml 6.0, Python 3.12: no file in the index has a hash of the lock"]),
])  # fmt: skip
def test_a_lock_with_the_hash_of_one_python_alone_is_found(audit, tmp_path, monkeypatch, marker, hashes, wrong):
    """Such a lock installs here, and nowhere else."""
    digests, pythons = ("0" * 64, "1" * 64, "2" * 64), ((3, 11), (3, 12))
    names = [f"lxml-6.0-cp{a}{b}-cp{a}{b}-{SYSTEM}.whl" for a, b in pythons] + ["lxml-6.0.tar.gz"]
    files = [
        ("6.0", SimpleNamespace(filename=name, yanked_reason=None, hash=digest, hash_name="sha256"))
        for name, digest in zip(names, digests, strict=True)
    ]
    monkeypatch.setattr(audit, "PYTHONS", pythons)
    monkeypatch.setattr(audit, "_finder", lambda: lambda name: files)
    said = "".join(f" \\\n    --hash=sha256:{d}" for d in digests[:hashes])
    assert audit.index(project(tmp_path, run=f"lxml==6.0{marker}{said}\n")) == wrong


# -- advisories, from a service of the test
# ------------------------------------------------------------------------------------------------


@pytest.fixture
def service():
    """The address of a service that speaks OSV and knows one vulnerability."""

    class Service(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
            known = asked["package"]["name"] == "jinja2"
            affected = [
                {
                    "package": {"name": "jinja2", "ecosystem": "PyPI"},
                    "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "3.1.9"}]}],
                    "versions": ["3.1.0"],
                }
            ]
            vulnerability = {
                "id": "PYSEC-2099-1",
                "aliases": ["CVE-2099-0001"],
                "summary": "x",
                "details": "x",
                "modified": "2026-01-01T00:00:00Z",
                "published": "2026-01-01T00:00:00Z",
                "affected": affected,
                "references": [],
            }
            body = json.dumps({"vulns": [vulnerability]} if known else {}).encode()
            self.send_response(200)
            self.send_header("content-type", "application/json")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Service)
    threading.Thread(target=server.serve_forever, daemon=True, args=(0.02,)).start()
    yield f"http://127.0.0.1:{server.server_port}/v1/query"
    server.shutdown()
    server.server_close()


@pytest.fixture
def pip_audit():
    return pytest.importorskip("pip_audit", reason="pip-audit is not installed")


def test_a_known_vulnerability_is_found_and_can_be_set_aside(audit, pip_audit, service, tmp_path):
    reported = audit.reported(project(tmp_path), service)
    assert audit.judged(reported, {}) == ["jinja2 3.1.0: PYSEC-2099-1, fixed in 3.1.9"]
    assert audit.judged(reported, {"CVE-2099-0001": "by its other name"}) == []
    old = {"CVE-2099-0001": "x", "CVE-2000-0001": "x"}
    assert audit.judged(reported, old) == ["audit.toml: CVE-2000-0001 is set aside, and nothing has it any more"]
    assert audit.judged([{"name": "x", "skip_reason": "no such package"}], {}) == [
        "x was not looked up: no such package"
    ]


def test_a_service_that_does_not_answer_is_no_clean_bill(audit, pip_audit, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(audit, "ROOT", project(tmp_path))
    nowhere = ["--only", "advisories", "--osv-url", "http://127.0.0.1:9/v1/query"]
    assert audit.main(nowhere) == 3

    def silent(*_):
        raise audit.NotAsked("no answer")

    monkeypatch.setattr(audit, "reported", silent)
    assert audit.main([*nowhere, "--if-reachable"]) == 0
    said = capsys.readouterr().out
    assert said.count("NOT ASKED") == 2 and said.count("not a finding that all is well") == 2 and "fine" not in said


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ('reason = "it is not used"\nuntil = 2026-02-01', "no reason"),
        ('reason = "the function is never called"', "no day"),
        ('reason = "the function is never called"\nuntil = 2025-12-31', "look again"),
        ('reason = "the function is never called"\nuntil = 2027-01-01', "180 days"),
    ],
)
def test_what_is_set_aside_has_a_reason_and_a_day(audit, tmp_path, entry, words):
    (tmp_path / "audit.toml").write_text(f'[[ignore]]\nid = "X"\n{entry}\n')
    aside, wrong = audit.set_aside(tmp_path / "audit.toml", dt.date(2026, 1, 1))
    assert aside == {} and words in wrong[0]
