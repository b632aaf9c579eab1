"""Which kind each layer of a network is, from the fields that tell it: readers for the table of layouts."""

from collections.abc import Callable, Mapping

from leadtime.cost.fields import Fields, short

#: From the fields of a configuration to the kind of every layer.
Pattern = Callable[[Fields], list[str]]

#: Kinds of layers under older and newer names.
_SAME = {"attention": "full_attention", "mamba": "linear_attention", "chunked_attention": "sliding_attention"}


def all_of(kind: str) -> Pattern:
    """Return the pattern of layers that are all alike."""
    return lambda f: [kind] * f.layers()


def listed(name: str, default: Pattern | None = None, *, more: bool = False) -> Pattern:
    """Return the pattern that a list of words tells; a longer list is cut where it has MTP modules too (`more`)."""

    def read(f: Fields) -> list[str]:
        words = f.words(name, f.layers(), more=more)
        if words is not None:
            return [_SAME.get(w, w) for w in words]
        if default is None:
            raise f.missing(name)
        return default(f)

    return read


def every(name: str, regular: str, other: str, default: int | None = None) -> Pattern:
    """Return the pattern in which each n-th layer is of another kind, n being a field."""

    def read(f: Fields) -> list[str]:
        n = f.size(name, default)
        return [regular if (i + 1) % n else other for i in range(f.layers())]

    return read


def offset(period: str, first: str, here: str, other: str) -> Pattern:
    """Return the pattern in which layers of a kind come each `period` layers, from the layer `first` on."""

    def read(f: Fields) -> list[str]:
        n, start = f.size(period), f.whole(first)
        return [here if i % n == start else other for i in range(f.layers())]

    return read


def first(name: str, before: str, after: str, default: int | None = None) -> Pattern:
    """Return the pattern in which the first layers are of one kind, and the others of another."""

    def read(f: Fields) -> list[str]:
        n = f.whole(name, default)
        return [before if i < n else after for i in range(f.layers())]

    return read


def numbered(name: str, kinds: Mapping[int, str], default: Pattern | None = None) -> Pattern:
    """Return the pattern that a list of numbers tells, one a layer; a longer list has MTP modules at its end."""

    def read(f: Fields) -> list[str]:
        layers = f.layers()
        numbers = f.get(name)
        if numbers is None and default is not None:
            return default(f)
        listed = f.numbers(name, layers) if isinstance(numbers, list) else None
        found = listed[:layers] if listed is not None else [f.whole(name)] * layers
        strange = sorted(set(found) - set(kinds))
        if strange:
            raise f.wrong(f"{name} holds {short(strange)}", f"leadtime counts {', '.join(map(str, kinds))}.")
        return [kinds[n] for n in found]

    return read


def letters(name: str, kinds: Mapping[str, str], otherwise: Pattern) -> Pattern:
    """Return the pattern that a text tells, one letter a layer."""

    def read(f: Fields) -> list[str]:
        text = f.get(name)
        if text is None:
            return otherwise(f)
        if not isinstance(text, str) or not set(text) <= set(kinds):
            raise f.wrong(f"{name} is {short(text)}", f"Its letters are {' '.join(kinds)}.")
        if len(text) != f.layers():
            raise f.wrong(f"{name} names {len(text)} layers, not {f.layers()}", "Compare with the model's own file.")
        return [kinds[letter] for letter in text]

    return read


def within(name: str, pattern: Pattern) -> Pattern:
    """Return a pattern whose fields stand inside another field."""

    def read(f: Fields) -> list[str]:
        part = f.part(name)
        if part is None:
            raise f.missing(name)
        layers = {"num_hidden_layers": f.layers()}
        return pattern(Fields(config={**part.config, **layers}, where=part.where, inside=part.inside))

    return read


def positions(there: str, here: str, other: str) -> Pattern:
    """Return the pattern in which a list of layers, counted from 1, is of one kind and all others of another."""

    def read(f: Fields) -> list[str]:
        layers, found = f.layers(), f.numbers(there)
        if found is None:
            raise f.missing(there)
        if any(not 1 <= i <= layers for i in found):
            raise f.wrong(
                f"{there} names a layer that the network of {layers} does not have", "Layers are counted from 1."
            )
        named = set(found)
        return [here if i + 1 in named else other for i in range(layers)]

    return read


def enumerated(name: str, here: str, other: str, otherwise: Pattern) -> Pattern:
    """Return the pattern in which layers that a text or a list names, counted from 0, are of one kind."""

    def read(f: Fields) -> list[str]:
        value = f.get(name)
        if value is None:
            return otherwise(f)
        words = (
            [w.strip() for w in value.split(",")] if isinstance(value, str) else [str(w) for w in f.numbers(name) or []]
        )
        if not all(w.isdigit() and len(w) < 6 for w in words):
            raise f.wrong(f"{name} is {short(value)}", "It names layers, as in 3,4,5.")
        named = {int(w) for w in words}
        return [here if i in named else other for i in range(f.layers())]

    return read


def qwen_experts(f: Fields) -> list[str]:
    """Return which layers have experts by Qwen's rule: every n-th, but for those that a list names."""
    step, dense = f.whole("decoder_sparse_step", 1) or 1, set(f.numbers("mlp_only_layers") or [])
    return ["dense" if i in dense or (i + 1) % step else "sparse" for i in range(f.layers())]


def llama_experts(f: Fields) -> list[str]:
    """Return which layers have experts by Llama 4's rule: those that a list names, or every n-th."""
    named = f.numbers("moe_layers")
    step = f.size("interleave_moe_layer_step", 1)
    there = set(named) if named is not None else set(range(step - 1, f.layers(), step))
    return ["sparse" if i in there else "dense" for i in range(f.layers())]


def ernie_experts(f: Fields) -> list[str]:
    """Return which layers have experts by Ernie's rule: every n-th from one layer to another."""
    start, end, step = f.whole("moe_layer_start_index"), f.get("moe_layer_end_index"), f.size("moe_layer_interval", 1)
    last = f.layers() - 1 if end in (None, -1) else f.whole("moe_layer_end_index")
    return ["sparse" if start <= i <= last and (i + 1) % step == 0 else "dense" for i in range(f.layers())]


def numbered_rope(f: Fields) -> list[str]:
    """Return Llama 4's chunked layers: those with positions, all but every fourth unless a list says otherwise."""
    listed_layers = f.numbers("no_rope_layers")
    n = f.size("no_rope_layer_interval", 4)
    rope = listed_layers or [int((i + 1) % n != 0) for i in range(f.layers())]
    if len(rope) != f.layers():
        raise f.wrong(f"no_rope_layers names {len(rope)} layers, not {f.layers()}", "It has a number for each layer.")
    chunked = f.get("attention_chunk_size") is not None
    return ["sliding_attention" if r and chunked else "full_attention" for r in rope]
