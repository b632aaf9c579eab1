"""The feed of what moved and of the rules: by the rules of Atom (RFC 4287), in sentences, with names that stay."""

import datetime as dt
import re
from xml.etree import ElementTree

import pytest

import leadtime
from leadtime.report import editions, feed

ATOM = f"{{{feed.NAMESPACE}}}"
ORIGIN = "https://leadtime.example.org"


@pytest.fixture(scope="module")
def study():
    return leadtime.Study("2026-11-30")


@pytest.fixture(scope="module")
def read(study):
    return ElementTree.fromstring(feed.atom(study, ORIGIN))


def one(element, name):
    (found,) = element.findall(ATOM + name)
    return found.text


def test_feed_and_entries_have_what_the_rules_ask(read):
    assert read.tag == f"{ATOM}feed"
    entries = read.findall(f"{ATOM}entry")
    assert len(entries) > 20
    for element in (read, *entries):
        assert one(element, "id").startswith("urn:uuid:") and one(element, "title").strip()
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT00:00:00Z", one(element, "updated"))
    assert read.find(f"{ATOM}author/{ATOM}name").text == "leadtime"
    links = {e.get("rel"): e.get("href") for e in read.findall(f"{ATOM}link")}
    assert links == {"self": f"{ORIGIN}/feed.xml", "alternate": f"{ORIGIN}/moved"}
    assert len({one(e, "id") for e in entries}) == len(entries)
    days = [one(e, "updated") for e in entries]
    assert days == sorted(days, reverse=True) and one(read, "updated") == days[0]


def test_entries_are_sentences(study, read):
    for entry in read.findall(f"{ATOM}entry"):
        text = one(entry, "content")
        assert text.endswith(".") or text.endswith("]"), text
        assert not re.search(r"\b(None|nan|\d{4}-\d\d-\d\d)\b", text), text
    moved = [e for e in feed.items(study) if e.link == "moved"]
    assert len(moved) == len([e for e in editions.stored() if e.as_of <= study.as_of])
    assert all(s.endswith(".") for i in moved[:-1] for s in i.sentences)


def test_an_entry_keeps_its_name_and_a_past_day_tells_nothing_later(study):
    early = leadtime.Study("2025-02-01")
    then, now = ({i.name: i for i in feed.items(s)} for s in (early, study))
    assert all(i.day <= dt.date(2025, 2, 1) for i in then.values()) and then
    assert feed.atom(study, ORIGIN) == feed.atom(leadtime.Study("2026-11-30"), ORIGIN)
    assert set(then) & set(now) or len(then) >= 1
