"""What several files of tests share."""

import pytest

#: Files that take longest go first, so that at the end neither worker waits for the other.
LONGEST = (
    "test_web.py", "test_web_browser.py", "test_capability.py", "test_browser.py", "test_curve.py", "test_web_own.py", "test_web_jobs.py", "test_web_bounds.py",
    "test_security.py", "test_security_brought.py", "test_report.py", "test_docs.py", "test_docs_whole.py", "test_faults.py", "test_scenario.py", "test_schemas.py", "test_backtest.py",
)  # fmt: skip


def pytest_collection_modifyitems(items):
    place = {name: i for i, name in enumerate(LONGEST)}
    items.sort(key=lambda item: place.get(item.path.name, len(place)))


@pytest.fixture(scope="module")
def web():
    """A server whose answers are quick, asked in this process."""
    from web_client import client

    with client(wait_seconds=300.0) as c:
        yield c


@pytest.fixture(scope="module")
def known(web):
    """A row of the built-in scores as a reader would bring it."""
    from web_client import API, own, row

    return own(row(web.get(f"{API}/evidence/scores", params={"where": "deepseek-v3"}).json()[0]))


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
