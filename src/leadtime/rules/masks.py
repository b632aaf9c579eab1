"""What the cases of a transaction come to together, as bits."""

from typing import NamedTuple


class Masks(NamedTuple):
    """What a transaction may come to, each as bits (see `Outcomes`)."""

    written: int
    enforced: int
    eccn: int
    review: int
    some: int
    every: int
    elsewhere: int
