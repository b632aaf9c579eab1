"""Attacks on what SECURITY.md promises of the server's disk: folders of studies and the cache are few, bounded, and no
one else's.
"""

import os

import pytest

import worker_side
from leadtime.capability import cache
from leadtime.web import studies
from web_client import API, MINE, client, save


def test_folders_of_saved_studies_are_few_and_one_in_use_stays(web, monkeypatch):
    kept = web.app.app.state.studies
    ids = [save(web, {f"scenarios/b{i}.yaml": MINE}).json()["id"] for i in range(4)]
    monkeypatch.setattr(studies, "_MOST_FOLDERS", 2)
    with kept.lent(ids[0]) as first:
        for id_ in ids[1:]:
            with kept.lent(id_) as other:
                assert (other / "scenarios").is_dir()
        assert first.is_dir()
    assert len([p for p in kept._place.iterdir() if p.is_dir()]) <= 3
    with kept.lent(ids[1]) as again:
        assert (again / "scenarios").is_dir()


def test_what_a_killed_server_left_goes_and_what_is_not_ours_stays(tmp_path, monkeypatch):
    from leadtime.web.places import own_folder
    from leadtime.whole import node

    monkeypatch.setenv("LEADTIME_CACHE", str(tmp_path))
    shared = tmp_path / "studies"
    left, old, other, hers = f"{node()}-999999999-abc", "0" * 32, "notes", f"{node()}-1-abc"
    for name in (left, old, other, hers):
        (shared / name).mkdir(parents=True)
    (tmp_path / "elsewhere").mkdir()
    (shared / f"{node()}-999999998-abc").symlink_to(tmp_path / "elsewhere")
    made = own_folder()
    assert {p.name for p in shared.iterdir()} == {other, hers, f"{node()}-999999998-abc", made.name}
    assert (tmp_path / "elsewhere").is_dir()


@pytest.fixture
def disk(tmp_path, monkeypatch):
    monkeypatch.setenv("LEADTIME_CACHE", str(tmp_path))
    return tmp_path


def test_the_cache_stays_within_its_bytes_and_what_was_used_last_stays(disk, monkeypatch):
    import numpy as np

    monkeypatch.setenv("LEADTIME_CACHE_BYTES", "35000")
    names = [cache.key(i) for i in range(5)]
    outside = disk.parent / "outside.npz"
    outside.write_bytes(b"x" * 50_000)
    (disk / "theses.npz").write_bytes(b"x" * 50_000)  # not ours
    (disk / f"{'0' * 24}.npz").symlink_to(outside)
    (disk / "folder").mkdir()
    for i, name in enumerate(names[:3]):
        cache.store(name, {"a": np.zeros(1250)})
        os.utime(disk / f"{name}.summed.npz", (i + 1, i + 1))
    assert cache.load(names[0]) is not None  # used: the second is now the oldest
    cache.store(names[3], {"a": np.zeros(1250)})
    assert [cache.load(n) is not None for n in names[:4]] == [True, False, True, True]
    cache.store(names[4], {"a": np.zeros(10_000)})  # larger than all there may be: it alone stays
    assert [cache.load(n) is not None for n in names] == [False] * 4 + [True]
    assert outside.exists() and (disk / "theses.npz").exists() and (disk / f"{'0' * 24}.npz").is_symlink()
    monkeypatch.setenv("LEADTIME_CACHE_BYTES", "many")
    cache.trouble.clear()
    cache.store(names[0], {"a": np.zeros(1)})
    assert "not a number of bytes" in next(iter(cache.trouble.values()))
    cache.trouble.clear()


def test_only_what_is_served_is_kept_on_disk(disk, monkeypatch):
    monkeypatch.setattr("leadtime.web.questions.put", worker_side.stores)
    with client(wait_seconds=60.0) as c:
        mine = save(c, {"scenarios/mine.yaml": MINE}).json()["id"]
        for more in ("seed=7", "draws=150", "method=bootstrap", f"study={mine}"):
            assert c.get(f"{API}/lag?model=deepseek-v3&{more}").status_code == 200
        assert list(disk.glob("*.npz")) == []
        for more in ("", "&as_of=2026-01-01"):
            assert c.get(f"{API}/lag?model=deepseek-v3{more}").status_code == 200
        assert len(list(disk.glob("*.npz"))) == 2
