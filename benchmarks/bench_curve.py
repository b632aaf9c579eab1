"""How long the whole specification curve takes with 1,000 draws of each reading, the abilities loaded.

python benchmarks/bench_curve.py [--quick]
"""

import argparse
import os
import tempfile
import time

from leadtime.study import Study


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true", help="Only that it runs: a normal approximation, few draws.")
    study = Study(method="map", draws=60) if parser.parse_args(argv).quick else Study()
    curve = study.curve  # abilities from the cache, or fitted first
    with tempfile.TemporaryDirectory() as empty:
        os.environ["LEADTIME_CACHE"] = empty
        for label in ("empty cache", "cached fits"):
            vars(curve).pop("specifications", None)
            begun = time.perf_counter()
            table = curve.specifications
            print(f"{table.height} readings, {curve.draws} draws each, {label}: {time.perf_counter() - begun:.1f} s")


if __name__ == "__main__":
    main()
