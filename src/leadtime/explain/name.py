"""Names of numbers: a registered quantity with its parameters, in full or in short."""

import re
from collections.abc import Iterable
from typing import Any

from leadtime.errors import LeadtimeError, unknown_name
from leadtime.quantities import QUANTITIES

_PAIR = re.compile(r"[a-z]{3}-[a-z]{3}")


def parse(name: str, given: Iterable[str] = ()) -> tuple[str, dict[str, Any]]:
    """Return the quantity and the parameters that a name means.

    In full, `lag.model` with `model=deepseek-v3`; in short, `lag.deepseek-v3`, `lag.chn-usa.catch_up`,
    `cost.deepseek-v3.rental`, `scenario.as-is.2028Q4`: what follows the name of the quantity are its parameters, in
    their order.

    Raises:
        LeadtimeError: There is no such quantity or parameter, or `given` is not `parameter=value`.
    """
    parameters: dict[str, Any] = {}
    for text in given:
        key, sign, value = text.partition("=")
        if not sign or not key:
            raise LeadtimeError(f"{text!r} is not a parameter", where="--with", fix="Expected parameter=value.")
        parameters[key.strip()] = value.strip()
    quantity, rest = _split(name)
    needs = [n.rstrip("?") for n in QUANTITIES[quantity].needs]
    if quantity == "lag.group" and rest:
        of, behind = rest[0].upper().split("-")
        parameters = {"of": of, "behind": behind, **parameters}
        rest, needs = rest[1:], ["definition", "benchmarks"]
    if len(rest) > len(needs):
        raise LeadtimeError(
            f"{name!r} has more parts than {quantity} has parameters", fix=f"Parameters: {', '.join(needs)}."
        )
    return quantity, {**dict(zip(needs, rest, strict=False)), **parameters}


def _split(name: str) -> tuple[str, list[str]]:
    known = [q for q in QUANTITIES if name == q or name.startswith(q + ".")]
    if known:
        quantity = max(known, key=len)
        return quantity, [p for p in name.removeprefix(quantity).split(".") if p]
    first, _, rest = name.partition(".")
    if first == "lag" and rest:
        parts = rest.split(".")
        return ("lag.group" if _PAIR.fullmatch(parts[0]) else "lag.model"), parts
    raise unknown_name("quantity", name, QUANTITIES)
