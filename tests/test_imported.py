"""What an import leaves in a study: one folder of the highest number; killed, doubled, or led out, nothing is lost."""

import contextlib
import shutil
import threading

import pytest
from typer.testing import CliRunner

from leadtime.cli import app
from leadtime.errors import LeadtimeError
from leadtime.evidence import Evidence, imports, parts
from leadtime.folder.check import check
from leadtime.importers import numbered
from leadtime.web.settings import Settings
from leadtime.web.studies import Studies
from test_hostile_folders import HEAD, READERS, ROW, put, state

OTHER = ROW.replace("gpt-4-2023-06", "claude-2")


@pytest.fixture
def study(tmp_path):
    assert take(tmp_path / "s", ROW).exit_code == 0
    return tmp_path / "s"


def take(study, *rows, label="own", more=()):
    """Import rows under a label."""
    path = study.parent / "own.csv"
    path.write_text(HEAD + "".join(rows))
    return CliRunner().invoke(app, ["import", "csv", str(path), "--into", str(study), "--label", label, *more])


def there(study):
    return sorted(p.relative_to(study).as_posix() for p in study.rglob("*") if not p.is_dir())


def score(study, model="gpt-4-2023-06"):
    rows = Evidence.load(study)["scores"]
    return [
        r["score"] for r in rows.to_dicts() if r["model"] == model and r["benchmark"] == "mmlu-pro" and r["score"] < 0.3
    ]


def files(number, label="own"):
    return [f"imports/{label}.{number}/quarantine.csv", f"imports/{label}.{number}/scores.csv"]


def earlier(study):
    """The same as 0.1 left it."""
    for folder in ("evidence", "quarantine"):
        (study / folder).mkdir()
    (study / "imports" / "own.1" / "scores.csv").rename(study / "evidence" / "scores.own.csv")
    (study / "imports" / "own.1" / "quarantine.csv").rename(study / "quarantine" / "own.csv")
    shutil.rmtree(study / "imports")


def test_an_import_is_a_folder_and_the_next_takes_its_place(study):
    assert there(study) == files(1) and score(study) == [0.21]
    before = state(study)
    assert "imports/own.1/scores.csv: unchanged" in take(study, ROW).output and state(study) == before
    said = take(study, ROW.replace("0.21", "0.22"), OTHER).output
    assert "imports/own.2/scores.csv: changed (1 new, 1 changed, 0 gone)" in said and "score 0.21 -> 0.22" in said
    assert there(study) == files(2) and score(study) == [0.22]
    assert "imports/own.3/scores.csv: removed" in take(study, "nobody,a,0.1,b,independent,2024-05-01,c\n").output
    assert there(study) == ["imports/own.3/quarantine.csv"] and score(study) == []
    assert "1 set aside" in take(study, "nobody,a,0.1,b,independent,2024-05-01,c\n", more=["--dry-run"]).output


def test_commands_that_read_a_study_write_nothing(study):
    earlier(study)
    assert take(study, OTHER, label="more").exit_code == 0
    for path in (study, *study.rglob("*")):
        path.chmod(0o555 if path.is_dir() else 0o444)
    before = state(study.parent)
    for command in (
        *READERS,
        ("claims", "--claim", "none", "--study"),
        ("supply", "--study"),
    ):
        put(*command, study)
    assert state(study.parent) == before
    for path in study.rglob("*"):
        path.chmod(0o755)


@pytest.mark.parametrize("step", range(30))
def test_an_import_that_is_cut_off_at_any_step_is_done_or_not_done(study, step, monkeypatch):
    """Over files of 0.1 and over a folder: what is read is the old or the new, told, and settled by the next import
    alone.
    """
    if step % 2:
        earlier(study)
    old, n = score(study), 0

    class Cut(BaseException):
        pass

    def cutting(call):
        def cut(*given, **more):
            nonlocal n
            n += given[0].exists() or call.__name__ != "unlink"
            if n > step // 2:
                raise Cut
            return call(*given, **more)

        return cut

    with monkeypatch.context() as killed:
        for name in ("mkdir", "write_bytes", "unlink", "rename", "rmdir"):
            killed.setattr(type(study), name, cutting(getattr(type(study), name)))
        killed.setattr(shutil, "rmtree", lambda *a, **k: None)
        with contextlib.suppress(Cut):
            assert take(study, ROW.replace("0.21", "0.22"), OTHER).exit_code == 0
    before = state(study)
    found, model = score(study), score(study, "claude-2")
    assert (found, len(model)) in (([0.21], 0), ([0.22], 1)) and old == [0.21]
    looked = check(study)
    assert looked.problems == [] and state(study) == before
    left = [n for n in imports.left(study) if "cut off left" in n]
    assert left == looked.ignored
    assert take(study, ROW.replace("0.21", "0.22"), OTHER).exit_code == 0
    assert there(study) == files(imports.newest(study)["own"]) and not check(study).ignored
    assert (study / "imports").exists() and score(study) == [0.22]


def test_what_0_1_imported_is_read_and_the_next_import_takes_its_place(study):
    earlier(study)
    (study / "evidence" / "chips.mine.csv").write_bytes(Evidence.load()["chips"].head(1).write_csv().encode())
    assert score(study) == [0.21]
    said = take(study, ROW.replace("0.21", "0.22")).output
    assert "imports/own.1/scores.csv: changed (0 new, 1 changed, 0 gone)" in said
    assert there(study) == ["evidence/chips.mine.csv", *files(1)] and score(study) == [0.22]
    (study / "evidence" / "scores.own.csv").write_text(HEAD + OTHER)  # by hand, so it is read, and bars the label
    assert len(score(study, "claude-2")) == 1
    before = state(study)
    assert "no import wrote it" in str(take(study, ROW).exception) and state(study) == before
    (study / "evidence" / "scores.own.csv").rename(study / "evidence" / "scores.csv")
    assert take(study, ROW).exit_code == 0


def test_rows_come_over_each_other_in_the_order_that_is_told(study):
    (study / "evidence").mkdir()
    for name, value in (("scores.csv", "0.11"), ("scores.z.csv", "0.12")):
        (study / "evidence" / name).write_text(HEAD + ROW.replace("0.21", value))
    assert score(study) == [0.21]
    assert [p.relative_to(study).as_posix() for p in parts.tables(study)] == [
        "evidence/scores.csv",
        "evidence/scores.z.csv",
        files(1)[1],
    ]
    found = check(study)
    assert [o.file for o in found.overlays] == ["scores.csv", "scores.z.csv", "imports/own.1/scores.csv"]
    shutil.copytree(study / "imports" / "own.1", study / "imports" / "after.7")
    assert parts.tables(study)[2].parent.name == "after.7"
    assert score(study) == [0.21]


@pytest.mark.parametrize("number", [9, 10, 998, 999_999_998, 999_999_999])
def test_whatever_the_number_the_next_import_takes_its_place(study, number):
    (study / "imports" / "own.1").rename(study / "imports" / f"own.{number}")
    for other in ("0x1", "099", "99999999999999999999", "٩"):
        (study / "imports" / f"own.{other}").mkdir()
    assert score(study) == [0.21]
    assert take(study, ROW.replace("0.21", "0.22")).exit_code == 0
    assert score(study) == [0.22] and len(there(study)) == 2
    assert take(study, ROW.replace("0.21", "0.23")).exit_code == 0
    assert score(study) == [0.23] and len(there(study)) == 2
    assert len(check(study).ignored) == 4


def test_imports_at_the_same_time_lose_nothing(study):
    wanted = {f"l{i}": f"0.2{i}" for i in range(4)}

    def work(label, content):
        for n in range(6):
            with numbered.locked(study):
                old = numbered.before(study, label)
                numbered.put(
                    study,
                    label,
                    {**old.files, "quarantine.csv": content.encode(), f"{'chips' if n % 2 else 'scores'}.csv": b"x"},
                )

    threads = [threading.Thread(target=work, args=(label, c)) for label, c in wanted.items() for _ in range(2)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    found = imports.newest(study)
    assert {found[label] for label in wanted} == {12}
    assert len(there(study)) == 2 + 4 * 3


def test_what_is_read_while_imports_go_on_is_the_old_or_the_new(study):
    seen, stop = set(), threading.Event()

    def read():
        while not stop.is_set():
            rows = Evidence.load(study)["scores"]
            values = tuple(
                r["score"]
                for r in rows.to_dicts()
                if r["benchmark"] == "mmlu-pro" and r["source"] == "mmlu-pro-readme" and r["score"] in (0.21, 0.22)
            )
            seen.add(values)

    reader = threading.Thread(target=read)
    reader.start()
    for i in range(30):
        row = ROW.replace("0.21", f"0.2{1 + i % 2}")
        with numbered.locked(study):
            numbered.put(
                study, "own", {"scores.csv": (HEAD + row).encode(), "quarantine.csv": b"what,file,row,reason\n"}
            )
    stop.set()
    reader.join()
    assert seen <= {(0.21,), (0.22,)} and seen


def test_what_another_put_beside_an_import_is_kept(study):
    (study / "imports" / "own.1" / "notes.txt").write_text("mine")
    assert "imports/own.1/notes.txt" in check(study).ignored
    assert take(study, ROW.replace("0.21", "0.22")).exit_code == 0
    assert (study / "imports" / "own.1" / "notes.txt").read_text() == "mine" and score(study) == [0.22]


@pytest.mark.parametrize(
    "name",
    ["imports", "imports/own.1", "imports/own.7", "imports/.own.2.x-1-00000000.partial", "evidence", "quarantine"],
)
def test_an_import_is_not_led_out(study, name):
    outside = study.parent / "outside"
    earlier(study) if name in ("evidence", "quarantine") else None
    shutil.copytree(study / name if (study / name).exists() else study / "imports", outside)
    (outside / "own.1").mkdir(exist_ok=True)
    shutil.rmtree(study / name, ignore_errors=True)
    (study / name).symlink_to(outside)
    before = state(outside)
    done = take(study, ROW.replace("0.21", "0.22"))
    assert isinstance(done.exception, LeadtimeError) and "link" in str(done.exception)
    assert state(outside) == before and (study / name).is_symlink()


def test_rows_of_a_reader_come_over_the_imports_of_the_study_that_is_served(study, tmp_path):
    (study / "leadtime.lock").write_text('{"as_of": "2026-01-01", "evidence_hash": "a", "packages": {}}')
    made = tmp_path / "made"
    made.mkdir()
    Studies(None, Settings(study=study))._write(
        made, {"evidence/scores.csv": HEAD + ROW.replace("0.21", "0.29"), "claims/a.yaml": "x"}
    )
    assert score(made) == [0.29]
    assert there(made) == [
        "claims/a.yaml",
        "evidence/scores.import.own.csv",
        "evidence/scores.session.own.csv",
        "leadtime.lock",
    ]
