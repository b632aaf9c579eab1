"""The page on running it for many readers: its configuration of nginx is started, with a server behind it."""

import contextlib
import gzip
import re
import shutil
import subprocess
import time
from pathlib import Path

import httpx2 as httpx
import pytest

from jobs_side import free_port
from leadtime.web.headers import POLICY
from web_client import client, listening

PAGE = Path(__file__).parents[1] / "docs" / "reference" / "deployment.md"
NAME = "leadtime.example.org"


def configuration():
    return re.search(r"```nginx\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)[1]


def test_the_proxy_promises_what_the_server_does():
    assert f'Content-Security-Policy "{POLICY}"' in configuration()


@pytest.fixture(scope="module")
def proxied(tmp_path_factory):
    """A server behind nginx, configured as the page says."""
    nginx = shutil.which("nginx") or shutil.which("/usr/sbin/nginx")
    if nginx is None:
        pytest.skip("there is no nginx here (Debian: apt-get install nginx-light)")
    root = tmp_path_factory.mktemp("nginx")
    day = root / "srv" / "editions" / "2026-10-31"
    (day / "models").mkdir(parents=True)
    (day / "data").mkdir()
    (day / "models" / "index.html").write_text("<h1>as of October</h1>")
    (day / "data" / "chips.csv").write_text("id\nas of October\n")
    (day / "models" / "index.html.gz").write_bytes(gzip.compress(b"<h1>as of October</h1>", mtime=0))
    with client(public=NAME, proxies=("127.0.0.1",)) as c, listening(c) as address:
        port, upstream = free_port(), address.removeprefix("http://")
        own = (
            configuration()
            .replace("/var/cache/nginx/leadtime", f"{root}/kept")
            .replace("/srv/leadtime;", f"{root}/srv;")
        )
        own = own.replace("listen 80;", f"listen 127.0.0.1:{port};").replace("127.0.0.1:8301", upstream)
        own = re.sub(r".*127\.0\.0\.1:8302.*\n", "", own)
        places = "".join(f"{n}_temp_path {root}/{n};\n" for n in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        text = f"daemon off; worker_processes 1; pid {root}/pid; error_log {root}/log;\n"
        text += f"events {{}}\nhttp {{ access_log off;\n{places}{own}\n}}\n"
        (root / "nginx.conf").write_text(("user root;\n" if Path(root).owner() == "root" else "") + text)
        with subprocess.Popen([nginx, "-c", root / "nginx.conf", "-p", root, "-e", root / "log"]) as process:
            with httpx.Client(base_url=f"http://127.0.0.1:{port}", headers={"host": NAME}, timeout=60) as asked:
                for _ in range(100):
                    with contextlib.suppress(httpx.TransportError):
                        asked.get("/health")
                        break
                    time.sleep(0.1)
                yield asked
            process.terminate()


def test_what_is_kept_by_the_proxy_comes_from_the_server_once(proxied):
    asset = next(a for a in proxied.get("/own").text.split('"') if a.startswith("/static/"))
    for path in (asset, "/api/v1/schemas/lag"):
        said = [proxied.get(path) for _ in range(3)]
        assert [s.headers["x-cache"] for s in said] == ["MISS", "HIT", "HIT"], path
        assert len({s.content for s in said}) == 1 and said[0].headers["content-encoding"] == "gzip"
        plain = proxied.get(path, headers={"accept-encoding": "identity"})
        assert plain.content == said[0].content and "content-encoding" not in plain.headers
        again = proxied.get(path, headers={"if-none-match": said[0].headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
    assert [proxied.get("/own").headers["x-cache"] for _ in range(2)] == ["MISS", "MISS"]  # no-store


def test_editions_come_from_disk_and_only_where_the_address_holds_a_day_alone(proxied):
    for path, words in (("/models", "<h1>as of October</h1>"), ("/data/chips.csv", "as of October")):
        said = proxied.get(f"{path}?as_of=2026-10-31")
        assert words in said.text and "x-cache" not in said.headers and said.headers["etag"]
        assert said.headers["content-security-policy"] == POLICY and "max-age=3600" in said.headers["cache-control"]
        assert said.headers["content-type"] == ("text/csv" if path.endswith("csv") else "text/html") + "; charset=utf-8"
    assert proxied.get("/models?as_of=2026-10-31").headers["content-encoding"] == "gzip"
    for address in (
        "/data/chips.csv",
        "/data/chips.csv?as_of=2026-10-31&where=h20",
        "/data/chips.csv?as_of=2026-10-30",
    ):
        said = proxied.get(address)
        assert "as of October" not in said.text and said.headers["x-cache"] == "MISS", address


def test_what_readers_send_and_health_go_where_they_should(proxied):
    assert proxied.get("/health/ready").status_code == 404
    job = proxied.post("/api/v1/jobs", json={"answer": "scenario_levers"})
    assert job.status_code == 201
    with proxied.stream("GET", f"/api/v1/jobs/{job.json()['id']}/events") as events:
        assert any(line.startswith("event: done") for line in events.iter_lines())
