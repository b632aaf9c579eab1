"""How layers carry something from token to token: readers of attention and of layers with a state, for the table of
layouts.

A reader takes the fields of a configuration and returns the parts of one layer.
"""

from collections.abc import Callable
from dataclasses import dataclass

from leadtime.cost.fields import Fields
from leadtime.cost.parts import Grouped, Hold, Latent, Look, Part, indexer

#: From the fields of a configuration to the parts of one layer.
Reader = Callable[[Fields], list[Part]]


def nothing(f: Fields) -> list[Part]:
    """Return no part: the layer has none of this sort."""
    del f
    return []


def both(*readers: Reader) -> Reader:
    """Return a layer that has several side by side."""
    return lambda f: [part for reader in readers for part in reader(f)]


def head_width(f: Fields, name: str = "head_dim") -> int:
    """Return the width of a head: its field, or the width of the network divided among the heads."""
    if f.get(name) is not None:
        return f.size(name)
    hidden, heads = f.size("hidden_size"), f.size("num_attention_heads")
    if hidden % heads:
        raise f.wrong(
            f"hidden_size {hidden} does not divide among num_attention_heads {heads}, and {name} is missing",
            f"Add {name}.",
        )
    return hidden // heads


@dataclass(frozen=True, slots=True, kw_only=True)
class Attention:
    """The reader of attention with grouped heads.

    Args:
        norm: Norms of queries and keys: of a `head` (2e), of a head with biases (`biased`, 4e), of their whole `width`
            (h e + k e); empty for none.
        norm_if: The flag without which there are none.
        bias: Biases on query, key and value, or the flag that says so.
        out_bias: The same of the output, or None if it is as `bias` says.
        sinks: One learned sink per head, or the flag that says so.
        gate: What makes an output gate: a product for each `head` (d h) or for all their `width` (d h e).
        heads: The field with query heads.
        kv_heads: The field with key-value heads.
        key: The field with the width of a key.
        value: The field with the width of a value, empty if it is that of a key.
        window: The field with the sliding window, empty if a query sees all.
        blocks: The fields with keys in a block and blocks that a query selects.
        same: The flag by which values are the keys.
        keyless: It uses the keys and values of another layer.
    """

    norm: str = ""
    norm_if: str = ""
    bias: str | bool = False
    out_bias: str | bool | None = None
    sinks: str | bool = False
    gate: str = ""
    heads: str = "num_attention_heads"
    kv_heads: str = "num_key_value_heads"
    key: str = "head_dim"
    value: str = ""
    window: str = ""
    blocks: tuple[str, str] | None = None
    same: str = ""
    keyless: bool = False

    def __call__(self, f: Fields) -> list[Part]:
        """Return the parts of one layer."""
        d, h, e = f.size("hidden_size"), f.size(self.heads), head_width(f, self.key)
        v, k = (f.size(self.value) if self.value else e), f.size(self.kv_heads, f.size(self.heads))
        if h % k:
            raise f.wrong(f"{h} query heads do not divide among {k} key-value heads", "Compare with the model's file.")
        shared = bool(self.same) and f.flag(self.same, default=False)
        own = 0 if self.keyless else k * e + (0 if shared else k * v)
        biases = h * e * (2 if self.gate == "width" else 1) + own
        extra = (h if _told(f, self.sinks) else 0) + (biases if _told(f, self.bias) else 0)
        extra += d if _told(f, self.bias if self.out_bias is None else self.out_bias) else 0
        if self.norm and (not self.norm_if or f.flag(self.norm_if, default=False)):
            one = e if self.keyless else 2 * e
            extra += {"head": one, "biased": 2 * one, "width": h * e + k * e}[self.norm]
        blocks = f.size(self.blocks[0]) * f.size(self.blocks[1]) if self.blocks else 0
        return [
            Grouped(
                hidden=d,
                heads=h,
                kv_heads=k,
                key=e,
                value=v,
                extra=extra,
                gate={"": 0, "head": d * h, "width": d * h * e}[self.gate],
                same=shared,
                window=(f.whole(self.window, 0, null=0) if self.window else 0) or blocks,
                keyless=self.keyless,
                kept=self.blocks is not None,
            ).part()
        ]


def _told(f: Fields, setting: str | bool) -> bool:
    """Return a setting, or what the flag of that name says."""
    return f.flag(setting, default=False) if isinstance(setting, str) else setting


def latent(*, gate_if: str = "") -> Reader:
    """Return the reader of attention with compressed keys and values, with an output gate where a flag says so."""

    def read(f: Fields) -> list[Part]:
        d, h, v = f.size("hidden_size"), f.size("num_attention_heads"), f.size("v_head_dim")
        return [
            Latent(
                hidden=d,
                heads=h,
                q_rank=f.whole("q_lora_rank", 0, null=0),
                kv_rank=f.size("kv_lora_rank"),
                nope=f.size("qk_nope_head_dim"),
                rope=f.size("qk_rope_head_dim"),
                value=v,
                gate=d * h * v if gate_if and f.flag(gate_if, default=False) else 0,
            ).part()
        ]

    return read


def block_indexer(heads: str, width: str) -> Reader:
    """Return the reader of an indexer that selects blocks of keys, from the width of the network, without weights."""
    return lambda f: [
        indexer(
            hidden=f.size("hidden_size"),
            query_from=f.size("hidden_size"),
            heads=f.size(heads),
            width=f.size(width),
            weighted=False,
        )
    ]


def compressed(every: int, *, overlap: bool = False, selected: bool = False) -> Reader:
    """Return the reader of DeepSeek-V4's attention: a window of single keys, and one key for `every` tokens behind it.

    One key-value head of width e whose value is its key; queries from r_q; the output goes through g groups of rank
    r_o. The compressor has two products d e (2e where it overlaps), a bias for each position and a norm. Where keys are
    selected, an indexer of the same form does it.

    Args:
        every: Tokens that share a key; 0 for a window alone.
        overlap: Whether the compressor reads two stretches at once.
        selected: Whether an indexer selects the compressed keys.
    """

    def read(f: Fields) -> list[Part]:
        d, h, e = f.size("hidden_size"), f.size("num_attention_heads"), f.size("head_dim")
        rank, groups, out = f.size("q_lora_rank"), f.size("o_groups"), f.size("o_lora_rank")
        if h * e % groups:
            raise f.wrong(f"o_groups {groups} do not divide {h} heads of {e}", "Compare with the model's own file.")
        wide = 2 * e if overlap else e
        products = d * rank + rank * h * e + d * e + out * h * e + d * groups * out
        vectors = rank + e + h  # norms of queries and keys, sinks
        looks, holds = (
            [Look(width=2 * h * e, limit=f.size("sliding_window"), read=e)],
            [Hold(values=e, window=f.size("sliding_window"))],
        )
        if every:
            products += 2 * d * wide
            vectors += every * wide + e
            looks.append(Look(width=2 * h * e, limit=f.size("index_topk") if selected else 0, every=every, read=e))
            holds.append(Hold(values=e, every=every))
        main = Part(
            kind="attention", parameters=products + vectors, products=products, looks=tuple(looks), holds=tuple(holds)
        )
        return [main, _compressed_indexer(f, every)] if selected else [main]

    return read


def _compressed_indexer(f: Fields, every: int) -> Part:
    d, heads, width, rank = (
        f.size("hidden_size"),
        f.size("index_n_heads"),
        f.size("index_head_dim"),
        f.size("q_lora_rank"),
    )
    products = rank * heads * width + 2 * d * 2 * width + d * heads
    return Part(
        kind="indexer",
        parameters=products + every * 2 * width + width,
        products=products,
        looks=(Look(width=heads * width, every=every, read=width, index=True),),
        holds=(Hold(values=width, every=every, index=True),),
    )


def gated_delta(f: Fields) -> list[Part]:
    """Return a layer of gated delta-rule attention, as Qwen3-Next has it.

    Products d (2 K + 2 V + 2 h_v) + V d with K = h_k e_k and V = h_v e_v; a short convolution over 2 K + V channels;
    two vectors of h_v and a norm of e_v. Its state is h_v e_k e_v numbers; reading it, comparing and writing are three
    products with it.
    """
    d = f.size("hidden_size")
    heads, key, value = f.size("linear_num_value_heads"), f.size("linear_key_head_dim"), f.size("linear_value_head_dim")
    keys, values = f.size("linear_num_key_heads") * key, heads * value
    channels = 2 * keys + values
    convolution = f.size("linear_conv_kernel_dim"), channels
    products = d * (2 * keys + 2 * values + 2 * heads) + values * d
    return [_stateful("linear_attention", products, 2 * heads + value, heads * key * value, 6, convolution)]


def kimi_delta(f: Fields) -> list[Part]:
    """Return a layer of Kimi delta attention: queries, keys and values of h e each, a decay and a gate of low rank.

    Products 4 d h e + d h + (d e + e h e) for the decay and as much for the gate, or d h e where it has full rank; a
    short convolution over 3 h e channels; vectors h e + h and a norm of e.
    """
    inside = f.part("linear_attn_config")
    names = ("num_heads", "head_dim", "short_conv_kernel_size")
    if inside is None:
        inside, names = f, ("linear_num_heads", "linear_head_dim", "linear_conv_kernel_dim")
    d, (h, e, kernel) = f.size("hidden_size"), (inside.size(n) for n in names)
    low = d * e + e * h * e
    gate = d * h * e if inside.flag("use_full_rank_gate", default=False) else low
    products = 4 * d * h * e + d * h + low + gate
    return [_stateful("linear_attention", products, h * e + h + e, h * e * e, 6, (kernel, 3 * h * e))]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mamba2:
    """The reader of a Mamba-2 layer.

    Products d (2 i + 2 g s + h) + i d with i = h e; a short convolution with biases over i + 2 g s channels; three
    vectors of h and a norm of i. Its state is i s numbers, written and read by two products.

    Args:
        heads: The field with h.
        width: The field with e.
        groups: The field with g.
        state: The field with s.
        kernel: The field with the length of the convolution.
        normed: Whether there is a norm, or the flag that says so.
        inner: The field with i, where it has one.
    """

    heads: str
    width: str
    groups: str
    state: str
    kernel: str
    normed: str | bool = True
    inner: str = ""

    def __call__(self, f: Fields) -> list[Part]:
        """Return the parts of one layer."""
        d, h, s = f.size("hidden_size"), f.size(self.heads), f.size(self.state)
        for name in ("use_bias", "mamba_proj_bias", "projectors_bias"):
            f.only(name, False)
        if self.inner and f.get(self.inner) is not None:
            i = f.size(self.inner)
        elif f.get(self.width) == "auto":
            i = f.size("mamba_expand") * d
        else:
            i = h * f.size(self.width)
        channels = i + 2 * f.size(self.groups) * s
        biased = f.flag("use_conv_bias", default=True) and f.flag("mamba_conv_bias", default=True)
        products = d * (i + channels + h) + i * d
        vectors = 3 * h + (i if _told(f, self.normed) else 0) + (channels if biased else 0)
        return [_stateful("mamba", products, vectors, i * s, 4, (f.size(self.kernel), channels))]


def mamba1(*, state: str, kernel: str, rank: str, expand: str, normed: bool) -> Reader:
    """Return the reader of a Mamba layer.

    Products 2 d i + i (r + 2 s) + r i + i d; a short convolution with biases over i channels; biases of i, i s and i
    numbers of the state's decay and of its by-pass, and in Jamba norms r + 2 s.
    """

    def read(f: Fields) -> list[Part]:
        d, s, r = f.size("hidden_size"), f.size(state), f.size(rank)
        for name in ("use_bias", "mamba_proj_bias"):
            f.only(name, False)
        i = f.size("intermediate_size") if expand == "" else f.size(expand) * d
        biased = f.flag("use_conv_bias", default=True) and f.flag("mamba_conv_bias", default=True)
        products = 2 * d * i + i * (r + 2 * s) + r * i + i * d
        vectors = i + i * s + i + (i if biased else 0) + (r + 2 * s if normed else 0)
        return [_stateful("mamba", products, vectors, i * s, 6, (f.size(kernel), i))]

    return read


def short_convolution(f: Fields) -> list[Part]:
    """Return LFM2's short convolution with two gates: products 3 d d + d d, a convolution over d channels."""
    d, kernel = f.size("hidden_size"), f.size("conv_L_cache")
    bias = f.flag("conv_bias", default=False)
    return [_stateful("convolution", 4 * d * d, 5 * d if bias else 0, 0, 0, (kernel, d))]


def _stateful(kind: str, products: int, vectors: int, state: int, flop: int, convolution: tuple[int, int]) -> Part:
    """Return a layer with a state: `flop` for each number of it and token; of the convolution it keeps the
    last inputs.
    """
    kernel, channels = convolution
    products += kernel * channels
    return Part(
        kind=kind,
        parameters=products + vectors,
        products=products,
        state=state + (kernel - 1) * channels,
        state_flop=flop * state,
    )
