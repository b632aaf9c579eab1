"""A server on this machine that answers as a test says, and remembers what it was asked."""

import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One answer: a status, a body with its mark, where it leads; `sent` bytes of the body, then the line goes dead."""

    status: int = 200
    body: bytes = b""
    etag: str = ""
    modified: str = ""
    location: str = ""
    sent: int | None = None

    def all_headers(self):
        said = {"ETag": self.etag, "Last-Modified": self.modified, "Location": self.location}
        return {"Content-Length": str(len(self.body)), **{k: v for k, v in said.items() if v}}


class LocalServer:
    """Asks `answer` for each request; one with the mark of the answer gets 304."""

    def __init__(self):
        self.asked, outer = [], self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                mark = self.headers.get("If-None-Match")
                outer.asked.append((self.path, mark))
                given = outer.answer(self.path)
                if given.etag and mark == given.etag:
                    self.send_response(304)
                    return self.end_headers()
                self.send_response(given.status)
                for name, value in given.all_headers().items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(given.body[: given.sent])
                return self.connection.close() if given.sent is not None else None

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True, args=(0.02,)).start()

    def answer(self, path):
        raise NotImplementedError

    def close(self):
        self.server.shutdown()
        self.server.server_close()
