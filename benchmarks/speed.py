"""Every speed target in one run: idle, then beside two busy processes, each figure with its peer.

    python benchmarks/speed.py [--only index,nuts,...] [--girth PYTHON] [--py-irt PYTHON] [--write] [--quick]

Each part runs in a process of its own. Beside the time by the clock stands that of the processor, which other jobs on
the machine move less. Before each part it is measured how many processors others keep busy: a figure called idle is one
only where that is near 0. --write puts the results where the documentation shows them; parts that were not run keep
what they had.
"""

import argparse
import contextlib
import datetime as dt
import json
import os
import platform
import statistics
import subprocess
import sys
import time
from pathlib import Path

from busy import busy
from targets import PARTS

RESULTS = Path(__file__).parents[1] / "docs" / "trust" / "results" / "speed.json"
N_BUSY = 2
#: So many processors may be in use by others while a figure is called idle.
QUIET = 0.2


def measured(module, options):
    """Run one part in a process; return its figures."""
    code = f"import json, {module}; print('\\n' + json.dumps({module}.figures(**{options!r})))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=Path(__file__).parent, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(f"{module} failed:\n{done.stderr[-2000:]}")
    return json.loads(done.stdout.splitlines()[-1])


def others(seconds=3.0):
    """Return how many processors are in use meanwhile; None where the system does not tell."""

    def used():
        ticks = [int(x) for x in Path("/proc/stat").read_text(encoding="utf-8").splitlines()[0].split()[1:]]
        return sum(ticks) - ticks[3] - ticks[4]  # all but idle and waiting for the disk

    try:
        before, clock = used(), time.perf_counter()
        time.sleep(seconds)
        return (used() - before) / os.sysconf("SC_CLK_TCK") / (time.perf_counter() - clock)
    except OSError:
        return None


def row(target, found, *, loaded):
    """Return one line of the table: median, ends and target, and how many times as long the peer takes."""
    taken = found.get(target.key)
    if taken is None:
        return None
    value = statistics.median(taken["values"])
    out = {
        "what": target.what,
        "unit": target.unit,
        "median": value,
        "low": min(taken["values"]),
        "high": max(taken["values"]),
        "n": len(taken["values"]),
        "processor": statistics.median(taken["processor"]) if taken["processor"] else None,
        "target": target.busy if loaded else target.idle,
        "least": target.least,
        "held": target.held(value, busy=loaded),
        "peer": None,
    }
    if target.peer:
        if target.peer not in found:
            return None
        theirs = statistics.median(found[target.peer]["values"])
        out["peer"] = {"is": target.peer_is, "median": theirs, "times": theirs / value}
    return out


def told(one):
    """Return a line of the table as text."""
    if one["target"] is None:
        verdict = ""
    else:
        verdict = f"  target {'at least' if one['least'] else 'at most'} {one['target']:g}: "
        verdict += "reached" if one["held"] else "MISSED"
    used = "" if one["processor"] is None else f", processor {one['processor']:.3g}"
    line = f"  {one['what']}: {one['median']:.3g} {one['unit']} ({one['low']:.3g} to {one['high']:.3g}{used}){verdict}"
    if one["peer"]:
        line += (
            f"\n    {one['peer']['is']}: {one['peer']['median']:.3g} {one['unit']}, {one['peer']['times']:.3g} times"
        )
    return line


def machine():
    """Return what the figures were measured on."""
    from leadtime import __version__
    from leadtime.environment import recorded

    name = platform.processor() or platform.machine()
    with contextlib.suppress(OSError):
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        name = next((x.partition(":")[2].strip() for x in lines if x.startswith("model name")), name)
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    return {
        "processor": name,
        "n_processors": len(os.sched_getaffinity(0)),
        "memory_gb": round(memory, 1),
        "version": __version__,
        "with": recorded(),
    }


def main(argv=None):
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default=",".join(PARTS), help="Parts, separated by commas.")
    parser.add_argument("--girth", default="", help="A Python of another environment that has girth.")
    parser.add_argument("--py-irt", default="", help="A Python of another environment that has py-irt.")
    parser.add_argument("--write", action="store_true", help="Put the results into the documentation.")
    parser.add_argument("--quick", action="store_true", help="Only that it runs: the least of everything.")
    given = parser.parse_args(argv)
    kept = json.loads(RESULTS.read_text(encoding="utf-8"))["parts"] if RESULTS.exists() else {}
    for name in given.only.split(","):
        if name not in PARTS:
            raise SystemExit(f"there is no part {name!r}: {', '.join(PARTS)}")
        module, targets = PARTS[name]
        kept[name] = {"date": f"{dt.datetime.now(dt.UTC):%Y-%m-%d}", "machine": machine(), "runs": {}}
        for state, n in (("idle", 0), ("busy", N_BUSY)):
            options = {"quick": given.quick}
            if name == "items":  # slow peers are run once
                options |= {"girth": given.girth, "py_irt": given.py_irt} if state == "idle" else {}
            in_use = others(0.1 if given.quick else 3.0)
            with busy(n):
                found = measured(module, options)
            data = found.pop("data")
            rows = [r for t in targets if (r := row(t, found, loaded=n > 0))]
            kept[name]["runs"][state] = {"others": in_use, "data": data, "rows": rows, "figures": found}
            beside = f"beside {n} busy processes" if n else "idle"
            if in_use is None or in_use > QUIET:
                known = "not known" if in_use is None else f"{in_use:.1f} processors"
                beside += f", THE MACHINE WAS NOT QUIET: others used {known}"
            print(f"{name}, {beside}: {data}", flush=True)
            print("\n".join(told(r) for r in rows), flush=True)
    if given.write and not given.quick:
        RESULTS.write_text(json.dumps({"parts": kept}, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
