"""How layers work on each token by itself: readers of feed-forward parts and experts, for the table of layouts."""

from dataclasses import dataclass

from leadtime.cost.fields import Fields
from leadtime.cost.mixers import Reader
from leadtime.cost.parts import Experts, Part
from leadtime.cost.parts import dense as dense_part


def dense(width: str = "intermediate_size", *, matrices: int = 3, bias: str | bool = False, wide: int = 1) -> Reader:
    """Return the reader of a feed-forward part.

    Args:
        width: The field with its inner width f.
        matrices: 3 with a gate, 2 without.
        bias: Biases in all its products, or the flag that says so.
        wide: How many times its width it is.
    """

    def read(f: Fields) -> list[Part]:
        d, inner = f.size("hidden_size"), f.size(width) * wide
        biased = f.flag(bias, default=False) if isinstance(bias, str) else bias
        return [dense_part(d, inner, matrices=matrices, bias=(matrices - 1) * inner + d if biased else 0)]

    return read


@dataclass(frozen=True, slots=True, kw_only=True)
class Mixture:
    """The reader of a layer with experts.

    Args:
        n: The field with the number of routed experts.
        width: The field with an expert's inner width.
        active: The field with the experts used for a token.
        shared: The fields with the number of shared experts, and with the inner width of one; the first is empty where
            there is one, the second where it is as wide as a routed one.
        shared_gate: Whether a gate of d stands before the shared ones.
        matrices: 3 with a gate, 2 without.
        balance: One bias per expert that balances load, or the flag that says so (true where it is missing).
        inner: The field with the width of a latent space in which routed experts work; null or missing: none.
        inner_norm: The flag by which that space has a norm.
        scales: A scale for each input of the router and for each expert.
    """

    n: str
    width: str = "moe_intermediate_size"
    active: str = "num_experts_per_tok"
    shared: tuple[str, str] = ("", "")
    shared_gate: bool = False
    matrices: int = 3
    balance: str | bool = False
    inner: str = ""
    inner_norm: str = ""
    scales: bool = False

    def __call__(self, f: Fields) -> list[Part]:
        """Return the parts of one layer."""
        d, count, used, size = f.size("hidden_size"), f.size(self.n), f.size(self.active), f.size(self.width)
        if used > count:
            raise f.wrong(f"{used} experts are used per token, of only {count}", "Compare with the model's own file.")
        number, width = self.shared
        one = int(bool(width) and f.get(width) is not None)
        many = f.whole(number, one, null=0) if number else one
        wide = (f.whole(width, size, null=0) if width else size) * many
        latent = f.whole(self.inner, 0, null=0) if self.inner else 0
        biased = f.flag(self.balance, default=True) if isinstance(self.balance, str) else self.balance
        return list(
            Experts(
                hidden=d,
                width=size,
                n=count,
                active=used,
                shared=wide,
                inner=latent,
                matrices=self.matrices,
                balance=count if biased else 0,
                shared_gate=d if self.shared_gate and wide else 0,
                router_extra=d + count if self.scales else 0,
                inner_norm=latent if self.inner_norm and f.flag(self.inner_norm, default=False) else 0,
            ).parts()
        )


def gated_width(f: Fields) -> list[Part]:
    """Return LFM2's feed-forward part: two thirds of the width it is told, rounded up to a multiple."""
    inner = f.size("block_ff_dim") if f.get("block_ff_dim") is not None else f.size("intermediate_size")
    if f.flag("block_auto_adjust_ff_dim", default=True):
        inner = int(2 * inner / 3)
        inner = int(f.factor("block_ffn_dim_multiplier", 1.0) * inner)
        multiple = f.size("block_multiple_of", 256)
        inner = multiple * -(-inner // multiple)
    return [dense_part(f.size("hidden_size"), inner)]
