"""Parts and patterns that one family of networks alone has, for the table of layouts."""

from leadtime.cost import patterns as p
from leadtime.cost.feeds import Mixture, dense
from leadtime.cost.fields import Fields
from leadtime.cost.mixers import Attention, Reader, head_width
from leadtime.cost.parts import Grouped, Part, norms
from leadtime.cost.parts import dense as dense_part

WINDOW = "sliding_window"


def hyper_connections(f: Fields) -> list[Part]:
    """Return DeepSeek-V4's mixing of n streams, twice in a layer: (n² + 2n) n d weights, as many biases,
    three scales.
    """
    n, d = f.size("hc_mult"), f.size("hidden_size")
    mixes = n * n + 2 * n
    return [Part(kind="residuals", parameters=mixes * n * d + mixes + 3, products=mixes * n * d, n=2)]


def hyper_head(f: Fields) -> list[Part]:
    """Return what brings DeepSeek-V4's n streams together at the end: n n d weights, n biases and a scale."""
    n, d = f.size("hc_mult"), f.size("hidden_size")
    return [Part(kind="residuals", parameters=n * n * d + n + 1, products=n * n * d)]


def attention_residuals(copies: int) -> Reader:
    """Return Kimi K3's weighing of earlier blocks, where the configuration has it: a norm and a product of d each."""

    def read(f: Fields) -> list[Part]:
        d = f.size("hidden_size")
        there = f.get("attn_res_block_size") is not None
        return [Part(kind="residuals", parameters=2 * d, products=d, n=copies)] if there else []

    return read


def layer_embeddings(f: Fields) -> list[Part]:
    """Return Gemma's embeddings for each layer: a table V p L, a product d p L and a norm of p."""
    width = f.whole("hidden_size_per_layer_input", 0, null=0)
    if not width:
        return []
    size, all_layers = f.size("vocab_size_per_layer_input") * width * f.layers(), width * f.layers()
    through = f.size("hidden_size") * all_layers
    return [
        Part(kind="layer_embedding", parameters=size, lookup=size),
        Part(kind="layer_embedding", parameters=through + width, products=through),
    ]


def layer_input(f: Fields) -> list[Part]:
    """Return what a layer of Gemma does with its embedding: two products d p and a norm."""
    width, d = f.whole("hidden_size_per_layer_input", 0, null=0), f.size("hidden_size")
    return [Part(kind="layer_embedding", parameters=2 * d * width + d, products=2 * d * width)] if width else []


def gemma4_feed(wide: int) -> Reader:
    """Return Gemma 4's feed-forward part: a dense one, and beside it experts with three norms more, by a flag."""
    moe = Mixture(n="num_experts", active="top_k_experts", scales=True)

    def read(f: Fields) -> list[Part]:
        found = dense(wide=wide)(f)
        if f.flag("enable_moe_block", default=False):
            found += [*moe(f), norms(f.size("hidden_size"), 3)]
        return found

    return read


def alternating_updates(f: Fields) -> list[Part]:
    """Return what a layer of Gemma 3n has for its n streams: n d + n² + n³ + 2 d, and a product of rank r
    with a norm.
    """
    n, d, rank = f.size("altup_num_inputs"), f.size("hidden_size"), f.size("laurel_rank")
    streams = n * d + n * n + n * n * n
    return [
        Part(kind="residuals", parameters=streams + 2 * d, products=streams),
        Part(kind="residuals", parameters=2 * d * rank + d, products=2 * d * rank),
    ]


def alternating_ends(f: Fields) -> list[Part]:
    """Return what splits and joins Gemma 3n's n streams: d² for each but the first, twice."""
    n, d = f.size("altup_num_inputs"), f.size("hidden_size")
    return [Part(kind="residuals", parameters=d * d, products=d * d, n=2 * (n - 1))] if n > 1 else []


def listed_dense(f: Fields) -> list[Part]:
    """Return the feed-forward parts of all layers, whose widths may be told layer by layer."""
    d, layers = f.size("hidden_size"), f.layers()
    if not isinstance(f.get("intermediate_size"), list):
        return [dense_part(d, f.size("intermediate_size")).times(layers)]
    widths = f.numbers("intermediate_size", layers) or []
    if len(widths) != layers or min(widths) < 1:
        raise f.wrong(f"intermediate_size is not a list of {layers} widths", "It has one for each layer.")
    return [dense_part(d, w) for w in widths]


def without_keys(f: Fields) -> list[str]:
    """Return full and sliding layers, the last ones of which use the keys of earlier ones."""
    kinds = p.listed("layer_types")(f)
    own = f.layers() - f.whole("num_kv_shared_layers", 0)
    return [kind if i < own else f"{kind}_without_keys" for i, kind in enumerate(kinds)]


def gemma4_mixers(f: Fields) -> list[str]:
    """Return the same of Gemma 4, whose last layer sees all."""
    kinds = without_keys(f)
    kinds[-1] = kinds[-1].replace("sliding", "full")
    return kinds


def gemma4_feeds(f: Fields) -> list[str]:
    """Return which feed-forward parts are twice as wide: by a flag those of layers without keys of their own."""
    own = f.layers() - f.whole("num_kv_shared_layers", 0)
    double = f.flag("use_double_wide_mlp", default=False)
    return ["wide" if double and i >= own else "dense" for i in range(f.layers())]


def gemma4_global(*, keyless: bool) -> Reader:
    """Return Gemma 4's full attention: wider heads, and fewer key-value heads where values are the keys."""

    def read(f: Fields) -> list[Part]:
        own = f.flag("attention_k_eq_v", default=False) and f.get("num_global_key_value_heads") is not None
        kv = "num_global_key_value_heads" if own else "num_key_value_heads"
        return Attention(norm="head", key="global_head_dim", kv_heads=kv, same="attention_k_eq_v", keyless=keyless)(f)

    return read


def step_mixer(f: Fields) -> list[Part]:
    """Return Step's attention with a window, whose number of heads may be its own."""
    other = f.part("attention_other_setting")
    heads = {"num_attention_heads": other.size("num_attention_heads")} if other else {}
    config = {**f.config, **heads}
    own = Fields(config=config, where=f.where, inside=f.inside)
    name = "num_sliding_attention_heads" if f.get("num_sliding_attention_heads") is not None else "num_attention_heads"
    return Attention(norm="head", gate="head", heads=name, window=WINDOW)(own)


def hybrid_feed(f: Fields) -> list[Part]:
    """Return Granite 4's feed-forward part: shared, with routed experts beside it where there are any."""
    found = dense("shared_intermediate_size")(f)
    if f.whole("num_local_experts", 0, null=0):
        found += Mixture(n="num_local_experts", width="intermediate_size")(f)
    return found


def bamba_layers(f: Fields) -> list[str]:
    """Return which layers of Bamba have attention: those that a list names."""
    there = set(f.numbers("attn_layer_indices") or [])
    return ["full_attention" if i in there else "linear_attention" for i in range(f.layers())]


def lfm2_layers(f: Fields) -> list[str]:
    """Return which layers of LFM2 have attention: those that a list names, or all."""
    there = f.numbers("full_attn_idxs")
    return ["full_attention" if there is None or i in there else "conv" for i in range(f.layers())]


def searched_blocks(f: Fields) -> list[Part]:
    """Return the layers of a network that was cut by a search (Nemotron-NAS), each described by itself.

    A layer may lack attention or its feed-forward part, with the norm before it, or have a product d d instead. The
    inner width is two thirds of a multiple of d, rounded up to 256.
    """
    blocks, layers = f.get("block_configs"), f.layers()
    if not isinstance(blocks, list) or len(blocks) != layers or not all(isinstance(b, dict) for b in blocks):
        raise f.wrong(f"block_configs is not a list of {layers} blocks", "Write it as the model's own file does.")
    found: list[Part] = []
    for i, block in enumerate(blocks):
        one = Fields(config=block, where=f.where, inside=f"block_configs[{i}]")
        found += [*_searched(f, one, "attention"), *_searched(f, one, "ffn")]
    return found


def _searched(f: Fields, block: Fields, name: str) -> list[Part]:
    part, d = block.part(name), f.size("hidden_size")
    if part is None:
        raise block.missing(name)
    if part.flag("no_op", default=False):
        return []
    for other in ("sparsify", "window_length", "num_sink_tokens"):
        part.only(other)
    if part.flag("replace_with_linear", default=False):
        kind = "attention" if name == "attention" else "dense_ffn"
        return [norms(d), Part(kind=kind, parameters=d * d, products=d * d)]
    if name == "ffn":
        inner = int(2 * part.factor("ffn_mult") * d / 3)
        return [norms(d), dense_part(d, -(-inner // 256) * 256)]
    heads, e = f.size("num_attention_heads"), head_width(f)
    return [
        norms(d),
        Grouped(hidden=d, heads=heads, kv_heads=heads // part.size("n_heads_in_group"), key=e, value=e).part(),
    ]
