"""A log of rules with chips of our own, so that tests do not turn on what the chip tables hold."""

import dataclasses
import datetime as dt
import functools
from pathlib import Path

from ruamel.yaml import YAML

from leadtime.rules import log as logs

FOLDER = Path(__file__).parent / "rules"
_COUNTRY = {"Huawei": "CHN"}


@functools.cache
def log_with_chips():
    """Return the built-in log with the chips of the classification cases in place of its own."""
    chips, peaks = {}, {}
    for case in YAML(typ="safe").load((FOLDER / "classification.yaml").read_text(encoding="utf-8")):
        given = case["given"]
        if "tera_op_s" not in given or "chip" not in given:
            continue
        chips[given["chip"]] = {
            "id": given["chip"],
            "name": given["chip"].upper(),
            "maker": given["maker"],
            "country": _COUNTRY.get(given["maker"], "USA"),
            "market": "datacenter" if given.get("datacenter", True) else "consumer",
            "announced_on": None,
            "released_on": dt.date(2022, 1, 1),
            "memory_gb": None,
            "memory_gb_s": given.get("dram_gb_s"),
            "interconnect_gb_s": given.get("io_gb_s"),
            "die_area_mm2": given.get("die_area_mm2"),
            "process_nm": None,
            "aliases": None,
            "confidence": "medium",
            "known_on": dt.date(2022, 1, 1),
        }
        precision = {4: "fp4", 8: "fp8", 16: "fp16"}[int(given["bits"])]
        peaks[given["chip"]] = (
            {"chip": given["chip"], "precision": precision, "tera_op_s": given["tera_op_s"], "unit": "matrix"},
        )
    chips["h100-sxm"]["aliases"] = "h100"
    return dataclasses.replace(logs.built_in(), chips=chips, peaks=peaks)
