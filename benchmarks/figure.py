"""What a benchmark measures: one figure, taken several times, by the clock and of the processor."""

import statistics
import time


def timed(action):
    """Return seconds by the clock, seconds of this process on the processor, and the result."""
    clock, used = time.perf_counter(), time.process_time()
    result = action()
    return time.perf_counter() - clock, time.process_time() - used, result


def figure(values, processor=None):
    """Return a figure as JSON has it: every value, and how long the processor worked for each where that is known."""
    return {"values": list(values), "processor": None if processor is None else list(processor)}


def of_times(taken, scale=1.0):
    """Return the figure of what `timed` gave several times; `scale` 1000 makes milliseconds of seconds."""
    return figure([scale * t[0] for t in taken], [scale * t[1] for t in taken])


def say(found):
    """Print figures by name; a name ends with its unit where it has one."""
    print(found.pop("data"))
    for name, what in found.items():
        values, used = what["values"], what["processor"]
        line = f"{name}: {statistics.median(values):.4g} ({min(values):.4g} to {max(values):.4g})"
        print(line + (f", processor {statistics.median(used):.4g}" if used else ""), flush=True)
