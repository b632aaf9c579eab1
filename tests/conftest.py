"""What several files of tests share."""

import contextlib
import datetime as dt
import functools
import os

import pytest
from typer import testing

#: Files that ask the same server (see `web`), whose processes load and fit once for them all.
SHARE = (
    (
        "test_web.py",
        "test_web_browser.py",
        "test_web_own.py",
        "test_web_jobs.py",
        "test_web_store.py",
        "test_web_bounds.py",
        "test_web_connections.py",
        "test_web_charts.py",
        "test_addresses.py",
        "test_docs_whole.py",
        "test_questions.py",
    ),
    ("test_security.py", "test_security_brought.py", "test_web_door.py", "test_web_callers.py"),
)
#: What takes longest goes first, so that at the end neither worker waits for the other. While one has the server
#: compute the path of the lag, the other has files that want none: then it is there for both.
LONGEST = (
    *SHARE[0],
    "test_calibration.py",
    "test_benchmarks.py",
    "test_capability.py",
    *SHARE[1],
    "test_scenario_ensemble.py",
    "test_report.py",
    "test_extract.py",
    "test_hostile_folders.py",
    "test_fuzzed.py",
    "test_faults.py",
    "test_what_if_browser.py",
    "test_three_pages_browser.py",
    "test_mcp.py",
    "test_cli.py",
    "test_security_readers.py",
    "test_import.py",
    "test_scenario.py",
    "test_curve.py",
    "test_docs.py",
    "test_outputs.py",
    "test_backtest.py",
)


def pytest_configure(config):
    """Have what is the same for many tests made once.

    JAX compiles each function once for all processes of the tests: servers, their workers, commands, and the next run.
    Typer's runner builds all commands anew for each that is given, some fifteen hundred times.
    """
    kept = getattr(config, "cache", None)
    if kept is not None:
        os.environ.setdefault("JAX_COMPILATION_CACHE_DIR", str(kept.mkdir("jax")))
        os.environ.setdefault("JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS", "0.05")
        os.environ.setdefault("JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES", "-1")
    testing._get_command = functools.cache(testing._get_command)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """Give each worker whole files, as `--dist loadfile` does, and to one of them all files that share a server."""
    from xdist.scheduler import LoadFileScheduling

    if config.getvalue("dist") != "loadfile":
        return None

    class Together(LoadFileScheduling):
        def _split_scope(self, nodeid):
            return _sharing(nodeid.partition("::")[0].rpartition("/")[2])

    return Together(config, log)


def pytest_collection_modifyitems(items):
    place = {name: i for i, name in enumerate(LONGEST)}
    items.sort(key=lambda item: place.get(item.path.name, len(place)))


@pytest.fixture
def web(request):
    """A server whose answers are quick, asked in this process; files that share it follow each other (see `SHARE`).

    It keeps what it has answered, so that of light pages (see `light_pages`) is never asked for whole ones.
    """
    from web_client import client

    is_light = "light_pages" in request.fixturenames and "slow" not in request.keywords
    if is_light not in _servers:
        closes = contextlib.ExitStack()
        _servers[is_light] = closes, closes.enter_context(client(wait_seconds=600.0, request_seconds=600.0))
    return _servers[is_light][1]


#: Servers that are open, with what closes them.
_servers = {}


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(item, nextitem):
    """Close servers after the fixtures that use them."""
    if nextitem is None or _sharing(nextitem.path.name) != _sharing(item.path.name):
        pytest_sessionfinish()


def pytest_sessionfinish():
    while _servers:
        _servers.popitem()[1][0].close()


def _sharing(file):
    return next((names[0] for names in SHARE if file in names), file)


@pytest.fixture
def known(web):
    """A row of the built-in scores as a reader would bring it."""
    from web_client import API, own, row

    return own(row(web.get(f"{API}/evidence/scores", params={"where": "deepseek-v3"}).json()["rows"][0]))


@pytest.fixture(scope="session")
def world():
    """The world of the simulation on the built-in evidence, with `rows` of its priors and `draws` from them."""
    from leadtime.evidence import Evidence
    from leadtime.rules import Rulebook
    from leadtime.scenario.inputs import World

    evidence = Evidence.load(as_of=dt.date(2026, 11, 23))
    return World(evidence, Rulebook.of(evidence))


@pytest.fixture(scope="session")
def rows(world):
    from leadtime.scenario import parameters

    return parameters.priors(world.evidence["assumptions"])


@pytest.fixture(scope="session")
def draws(rows):
    from leadtime.scenario import parameters

    return parameters.chunk(rows, 0, 2000, 0)


@pytest.fixture(scope="module")
def browser():
    """A browser for the tests of a file; see `browser_side`. It ends with them: its event loop is in others' way."""
    sync = pytest.importorskip("playwright.sync_api")
    from browser_side import ARGS, CHROMIUM

    with sync.sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGS)
        yield opened
        opened.close()


@pytest.fixture
def light_pages(request, monkeypatch):
    """Pages without the sections of the report, which take half a minute a study: the slow tests attack the whole."""
    if "slow" not in request.keywords:
        from worker_side import light_page

        monkeypatch.setattr("leadtime.web.pages.filled", light_page)


@pytest.fixture
def publishers(tmp_path, monkeypatch):
    """A server with the files of every publisher that an update asks, whose addresses lead to it."""
    from leadtime.update import addresses, configs, filings
    from update_files import Publishers, samples

    made, declared = Publishers(), {}
    for name, files in samples(tmp_path).items():
        declared[name] = {f: f"{made.address}/{name}/{f}" for f in files}
        made.files |= {f"/{name}/{f}": content for f, content in files.items()}
    monkeypatch.setattr(addresses, "declared", lambda: declared)
    monkeypatch.setattr(configs, "repositories", lambda: ("zai-org/GLM-5.2",))
    monkeypatch.setattr(filings, "FILERS", {789019: filings.FILERS[789019]})
    yield made
    made.close()
