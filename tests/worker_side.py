"""What tests have the server's processes run in place of the server's own functions: they load it by its name."""

import os
import signal
import threading
import time
from pathlib import Path


def light_page(path, at, asked, public, study):
    """A page; those that are made of the whole report, which takes half a minute a study, without what is in them."""
    import sys

    from leadtime.report import site
    from leadtime.web import filled

    module = sys.modules[site.pages()[path].content.__module__]
    if hasattr(module, "results") or hasattr(module, "chapters"):
        words = {
            "headline": "A light page",
            "asks": site.pages()[path].asks,
            "key": "0" * 64,
            "edition": None,
            "stamp": dict(study.stamp),
        }
        return filled.render("waiting.html", path, at, **words)
    return filled.filled(path, at, asked, public, study)


def broken(*_):
    """A failure of ours that holds a secret."""
    raise RuntimeError("secret at /etc/secret, password=hunter2\nforged line of a log")


def forever(*_):
    """A computation without an end."""
    while True:
        time.sleep(0.05)


def burns(*_):
    """A computation without an end that uses all it is given of the processor."""
    while True:
        pass


def slept(seconds, *_):
    """The process that answers, after a while."""
    time.sleep(seconds)
    return str(os.getpid()).encode()


def worked(seconds, *_):
    """The process that answers, after so many seconds of the processor."""
    until = time.process_time() + seconds
    while time.process_time() < until:
        pass
    return str(os.getpid()).encode()


def hoard(*_):
    """Memory without end, as quickly as it is given."""
    held = []
    while True:
        held.append(bytearray(os.urandom(1_000_000)) * 20)


def panic(*_):
    """What a library in Rust raises."""
    raise BaseException("panic")


def stores(*_):
    """A result kept in the cache."""
    import numpy as np

    from leadtime.capability import cache

    cache.store(cache.key(time.time_ns()), {"a": np.zeros(10)})
    return b"{}"


def _signal(pipe, which):
    os.kill(os.getpid(), which)
    time.sleep(60)  # until it reaches us


def _torn(pipe, which):
    os.write(pipe.fileno(), (1_000_000).to_bytes(4, "big") + b"d" + b"x" * 1000)
    _signal(pipe, which)


def _filled(pipe):
    threading.Timer(0.2, os._exit, [1]).start()
    while True:
        pipe.send_bytes(b't["words", 0.5]')


def _endless(pipe):
    os.write(pipe.fileno(), (-1).to_bytes(4, "big", signed=True) + (1 << 60).to_bytes(8, "big"))
    time.sleep(60)


def _deaf(pipe):
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    forever()


def _no_memory(pipe):
    raise MemoryError


def _dies_once(pipe):
    mark = Path(os.environ["TEST_MARK"])
    if not mark.exists():
        mark.touch()
        _signal(pipe, signal.SIGKILL)


#: What a job may do to its process.
MODES = {
    "dies": lambda pipe: _signal(pipe, signal.SIGKILL),
    "leaves": lambda pipe: os._exit(0),
    "stops": lambda pipe: _signal(pipe, signal.SIGSTOP),
    "closes": lambda pipe: pipe.close(),
    "torn and dead": lambda pipe: _torn(pipe, signal.SIGKILL),
    "torn and stopped": lambda pipe: _torn(pipe, signal.SIGSTOP),
    "fills the pipe": _filled,
    "no JSON": lambda pipe: pipe.send_bytes(b"t{"),
    "no kind": lambda pipe: pipe.send_bytes(b"z"),
    "no number": lambda pipe: pipe.send_bytes(b't["words", "many"]'),
    "too many": lambda pipe: pipe.send_bytes(b"t[1, 2, 3]"),
    "nothing": lambda pipe: pipe.send_bytes(b""),
    "wrong of no shape": lambda pipe: pipe.send_bytes(b"w[]"),
    "says it is endless": _endless,
    "deaf": _deaf,
    "panics": panic,
    "no memory": _no_memory,
    "raises": broken,
    "hoards": hoard,
}


def misbehave(which, folder, keep, compute, tell):
    """A job that does to its process what it is asked for by name; that of another name is well."""
    name = compute.args[1].get("name")
    if name is None:
        forever()
    if name in ("large", "too large"):
        return b"x" * (1_000_000 if name == "large" else 110_000_000)
    if name == "dies once":
        _dies_once(None)
    if name in MODES:
        MODES[name](tell.__closure__[[*tell.__code__.co_freevars].index("pipe")].cell_contents)
    return b'{"well": true}'


def counted(*_):
    """A line of how often it was computed: a file each."""
    import tempfile

    tempfile.mkstemp(dir=os.environ["TEST_COUNT"])
    time.sleep(0.5)
    return b'{"counted": true}'


def dies_once(*_):
    """A process that is killed the first time."""
    _dies_once(None)
    return b'{"alive": true}'


def dies(*_):
    """A process that is killed each time."""
    os.kill(os.getpid(), signal.SIGKILL)


def headline(study):
    """A page in place of the first, which takes half a minute."""
    return f"<h1>as of {study.as_of}</h1>".encode()


def sets(name, value):
    """Set a variable of the process."""
    os.environ[name] = value


def says(name, tell):
    """The value of a variable of the process."""
    return os.environ[name].encode()
