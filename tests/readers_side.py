"""The readers of files that a user was given, and a run that may hang."""

import datetime as dt
import threading


def readers(log, evidence, tmp_path):
    """Every reader of a file that a user names."""
    from leadtime.answers.itemized import group_of
    from leadtime.capability.items.read import read
    from leadtime.capability.items.tables import read_items
    from leadtime.capability.scores_file import read_scores
    from leadtime.cost.reading import read_network
    from leadtime.importers import epoch, lm_eval_samples, plain, results
    from leadtime.rules import batch, ledger

    day = dt.date(2026, 1, 1)
    said = results.Said(source={"id": "x", "title": "x", "published_on": "2026-01-01", "kind": "analysis"})
    return {
        "scores": read_scores,
        "items": lambda p: read([p]),
        "held items": read_items,
        "config": read_network,
        "group": lambda p: group_of(["x"], str(p), evidence),
        "ledger": lambda p: ledger.read(log, p),
        "batch": lambda p: batch.run(log, p, tmp_path / "out.csv", tmp_path / "rejects.csv", day),
        "results": lambda p: results.responses([p], results.Said()),
        "board": lambda p: results.scores([p], evidence, said),
        "plain": lambda p: plain.read(p, "scores", evidence),
        "epoch": lambda p: epoch.read(p, evidence, known_on=day),
        "samples": lambda p: lm_eval_samples.responses([p]),
    }


def in_time(run, seconds=20.0):
    """Run in a thread that is not waited for: what hangs is a failure."""
    found = []

    def body():
        try:
            found.append(run())
        except BaseException as error:
            found.append(error)

    thread = threading.Thread(target=body, daemon=True)
    thread.start()
    thread.join(seconds)
    assert found, "it hangs"
    return found[0]
