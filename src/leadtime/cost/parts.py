"""The parts that networks are made of, each with what is counted of it, from its widths.

Notation of the docstrings: d width of the residual stream, h query heads, k key-value heads, e and v widths of a key
and of a value, f inner width, V vocabulary, r_q and r_kv the ranks of MLA, n and p its widths without and with
position, S sequence length.
"""

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What a query looks at.

    Args:
        width: Heads times (width of a key + width of a value): a query spends 2 FLOP per key on each.
        limit: Keys it looks at, at most; 0 for all before it.
        every: Tokens that share a key.
        read: Kept numbers that it reads for each key.
        writing: The width where a text is written token by token, if another one: compressed keys are not unfolded
            then.
        index: They are keys of an indexer, kept in 8 bits.
    """

    width: int
    limit: int = 0
    every: int = 1
    read: int = 0
    writing: int = 0
    index: bool = False

    def keys(self, context: float) -> float:
        """Return how many keys it looks at behind a context."""
        found = context / self.every
        return min(found, self.limit) if self.limit else found


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """What is kept of a token while a text is read or written.

    Args:
        values: Numbers kept.
        window: Tokens for which they are kept, at most; 0 for all.
        every: Tokens that share them.
        index: They are keys of an indexer, kept in 8 bits.
    """

    values: int
    window: int = 0
    every: int = 1
    index: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One part of a network, as often as it is there.

    Args:
        kind: What it is: a key of `PARTS`.
        parameters: Parameters of one.
        products: Weights of one in matrix products that a token meets.
        idle: Parameters of one that a token of text does not use.
        chance: Of the idle ones, that one token uses a given one: the share of experts, 0 if no token of text does.
        lookup: Parameters of one in tables of which a token reads a row.
        looks: What its queries look at.
        holds: What it keeps of each token.
        state: Numbers that it keeps of a text whatever its length.
        state_flop: Forward FLOP for a token, beside products and looks.
        n: How many there are.
    """

    kind: str
    parameters: int
    products: int = 0
    idle: int = 0
    chance: float = 0.0
    lookup: int = 0
    looks: tuple[Look, ...] = ()
    holds: tuple[Hold, ...] = ()
    state: int = 0
    state_flop: int = 0
    n: int = 1

    def times(self, n: int) -> "Part":
        """Return n of them."""
        return replace(self, n=self.n * n)


#: What the kinds of parts are called, in the order in which they are told.
PARTS = {
    "embedding": "embedding",
    "layer_embedding": "embeddings for each layer",
    "attention": "attention",
    "indexer": "indexer of sparse attention",
    "linear_attention": "linear attention",
    "mamba": "state-space layers (Mamba)",
    "convolution": "short convolutions",
    "residuals": "mixing of residual streams",
    "dense_ffn": "dense feed-forward",
    "routed_experts": "routed experts",
    "shared_experts": "shared experts",
    "expert_projections": "projections to and from the experts",
    "router": "router",
    "balance_bias": "load-balancing biases",
    "norms": "norms",
    "head": "output head",
    "encoder": "encoder of images",
    "other": "all other parts",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Grouped:
    """Attention with grouped heads.

    Args:
        hidden: d.
        heads: h.
        kv_heads: k.
        key: e.
        value: v.
        extra: Norms, biases and sinks.
        gate: Weights of the product that makes an output gate.
        same: Values are the keys, without a product of their own.
        keyless: It uses the keys and values of another layer.
        window: Tokens that a query sees; 0 for all.
        kept: Whether keys and values are kept after the window (a sparse limit), rather than forgotten.
    """

    hidden: int
    heads: int
    kv_heads: int
    key: int
    value: int
    extra: int = 0
    gate: int = 0
    same: bool = False
    keyless: bool = False
    window: int = 0
    kept: bool = False

    def part(self) -> Part:
        """Return it: d h e + d k e + d k v + h v d weights, and 2 h (e + v) FLOP for a key."""
        d, values = self.hidden, 0 if self.same else self.value
        keys = 0 if self.keyless else d * self.kv_heads * (self.key + values)
        products = d * self.heads * (self.key + self.value) + keys + self.gate
        cached = self.kv_heads * (self.key + self.value)
        look = Look(width=self.heads * (self.key + self.value), limit=self.window, read=cached)
        hold = Hold(values=cached, window=0 if self.kept else self.window)
        return Part(
            kind="attention",
            parameters=products + self.extra,
            products=products,
            looks=(look,),
            holds=() if self.keyless else (hold,),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Latent:
    """Attention with compressed keys and values (MLA).

    Args:
        hidden: d.
        heads: h.
        q_rank: r_q; 0 where queries are not compressed.
        kv_rank: r_kv.
        nope: n.
        rope: p, shared by all heads on the key side.
        value: v.
        top: Keys that sparse attention keeps for a query; 0 for all.
        gate: Weights of the product that makes an output gate.
    """

    hidden: int
    heads: int
    q_rank: int
    kv_rank: int
    nope: int
    rope: int
    value: int
    top: int = 0
    gate: int = 0

    def part(self) -> Part:
        """Return it: d r_q + r_q h (n + p), or d h (n + p); d (r_kv + p) + r_kv h (n + v) + h v d; norms r_q + r_kv."""
        d, h, key = self.hidden, self.heads, self.nope + self.rope
        query = d * self.q_rank + self.q_rank * h * key if self.q_rank else d * h * key
        keys = d * (self.kv_rank + self.rope) + self.kv_rank * h * (self.nope + self.value)
        products = query + keys + h * self.value * d + self.gate
        return Part(
            kind="attention",
            parameters=products + self.q_rank + self.kv_rank,
            products=products,
            looks=(
                Look(
                    width=h * (key + self.value),
                    limit=self.top,
                    read=self.kv_rank + self.rope,
                    writing=h * (2 * self.kv_rank + self.rope),
                ),
            ),
            holds=(Hold(values=self.kv_rank + self.rope),),
        )


def indexer(*, hidden: int, query_from: int, heads: int, width: int, weighted: bool = True, norms: int = 2) -> Part:
    """Return the indexer that selects keys: queries r_q h_I d_I, keys d d_I, a weight per head d h_I, norms."""
    products = heads * width * query_from + hidden * width + (hidden * heads if weighted else 0)
    return Part(
        kind="indexer",
        parameters=products + norms * width,
        products=products,
        looks=(Look(width=heads * width, read=width, index=True),),
        holds=(Hold(values=width, index=True),),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Experts:
    """Routed and shared experts of one layer.

    Args:
        hidden: d, what the router reads and the shared experts work on.
        width: Inner width of an expert.
        n: Routed experts.
        active: Those used for a token.
        shared: Inner width of all shared experts together.
        inner: Width that routed experts work on: d, or that of a latent space.
        matrices: Matrices of an expert: 3 with a gate, 2 without.
        bias: Biases of one expert.
        router_extra: Biases and scales of the router.
        balance: Biases that balance load.
        shared_gate: Weights of a gate on the shared experts.
        inner_norm: A norm of the latent space.
    """

    hidden: int
    width: int
    n: int
    active: int
    shared: int = 0
    inner: int = 0
    matrices: int = 3
    bias: int = 0
    router_extra: int = 0
    balance: int = 0
    shared_gate: int = 0
    inner_norm: int = 0

    def parts(self) -> tuple[Part, ...]:
        """Return them: E experts of 3 d f, of which a token uses a; shared ones, router, biases, projections."""
        d, inner = self.hidden, self.inner or self.hidden
        weights = self.matrices * inner * self.width
        shared = self.matrices * d * self.shared
        through = 2 * d * inner if self.inner else 0
        found = (
            Part(kind="routed_experts", parameters=self.n * (weights + self.bias), products=self.active * weights,
                 idle=(self.n - self.active) * (weights + self.bias), chance=self.active / max(self.n, 1)),
            Part(kind="shared_experts", parameters=shared + self.shared_gate, products=shared + self.shared_gate),
            Part(kind="expert_projections", parameters=through + self.inner_norm, products=through),
            Part(kind="router", parameters=self.n * d + self.router_extra, products=self.n * d),
            Part(kind="balance_bias", parameters=self.balance),
        )  # fmt: skip
        return tuple(p for p in found if p.parameters)


def dense(hidden: int, width: int, *, matrices: int = 3, bias: int = 0) -> Part:
    """Return a feed-forward part: three matrices d f with a gate, two without, and its biases."""
    weights = matrices * hidden * width
    return Part(kind="dense_ffn", parameters=weights + bias, products=weights)


def norms(width: int, n: int = 1) -> Part:
    """Return n norms."""
    return Part(kind="norms", parameters=width, n=n)


def embedding(vocabulary: int, hidden: int, *, tied: bool) -> Part:
    """Return the table of tokens, which is the output head too where they are tied."""
    size = vocabulary * hidden
    return Part(kind="embedding", parameters=size, products=size if tied else 0, lookup=0 if tied else size)


def head(outputs: int, hidden: int, *, bias: bool = False) -> Part:
    """Return an output head."""
    size = outputs * hidden
    return Part(kind="head", parameters=size + (outputs if bias else 0), products=size)


def encoder(parameters: int) -> Part:
    """Return an encoder of images, which a token of text does not use."""
    return Part(kind="encoder", parameters=parameters, idle=parameters)
