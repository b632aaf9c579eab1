"""The quantities of a chip in words, with their units."""

import math

#: Name of a quantity to what it is called and its unit.
CALLED = {
    "tpp": ("performance (TPP)", ""),
    "pd": ("performance per mm2 of die", ""),
    "die_area_mm2": ("die area", "mm2"),
    "dram_gb_s": ("memory bandwidth", "GB/s"),
    "io_gb_s": ("bandwidth to other chips", "GB/s"),
    "hbm_gb_s_mm2": ("memory bandwidth per mm2", "GB/s per mm2"),
    "training_operations": ("operations of training", ""),
    "node_nm": ("process node", "nm"),
    "transistors_bn": ("transistors", "billion"),
}
#: What a bar on a page calls a quantity.
PLAIN = {
    "tpp": "speed",
    "pd": "speed for its size",
    "dram_gb_s": "memory speed",
    "io_gb_s": "speed of its links to other chips",
    "hbm_gb_s_mm2": "memory speed for its size",
    "training_operations": "computing of the training",
}
_COUNTED = ("two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
#: Statement to what it says where it is so.
SAID = {
    "datacenter": "it is designed or marketed for data centers",
    "available_in_us": "it is commercially available in the US",
    "has_hbm": "the package holds HBM",
    "nonplanar": "the die is not planar",
    "attested": "an approved designer attests",
    "count_confirmed": (
        "a foundry outside D:5 and Macau that packages the die, or an approved packager, confirms the transistors"
    ),
    "listed": "the end user is listed",
    "owned_by_listed": "listed parties own half of the end user or more",
    "copackaged": "the memory is packaged with logic",
    "weights_published": "the weights are published",
    "validated_end_user": "the end user is a validated one",
    "named_by_letter": "an unpublished letter names the customer or the place",
    "subject": "the item is subject to the US rules",
    "direct_product": "the item is a direct product of US technology or of a plant that is",
    "on_other_list": "the end user is on another list of parties",
}


def number(value: float) -> str:
    """Return a number as it is read: 4,800, 5.92, 1e+26."""
    if value >= 1e9:
        return f"{value:.3g}"
    return f"{value:,.0f}" if value >= 100 or value == int(value) else f"{value:.3g}"


def amount(name: str, value: float) -> str:
    """Return an amount with its unit."""
    unit = CALLED[name][1]
    return f"{number(value)} {unit}".strip()


def times(ratio: float) -> str:
    """Return a ratio of one and a half or more in words: `nearly three times`, `2.4 times`."""
    whole = round(ratio)
    if not 2 <= whole <= 10 or abs(ratio / whole - 1) > 0.06:
        return f"{ratio:.2g} times" if ratio < 9.95 else f"{ratio:,.0f} times"
    return f"{'nearly ' if ratio < 0.995 * whole else ''}{_COUNTED[whole - 2]} times"


def interval(name: str, low: float, high: float) -> str:
    """Return an interval with its unit, in words where an end is open."""
    if low == high:
        return amount(name, low)
    if (low, high) == (0.0, math.inf):
        return "not known"
    if high == math.inf:
        return f"{amount(name, low)} or more"
    return f"{number(low)} to {amount(name, high)}"
