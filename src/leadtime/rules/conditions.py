"""Conditions of the log, such as `tpp >= tpp_a and datacenter`: parsed once, evaluated on one or many transactions."""

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from leadtime.errors import LeadtimeError, nearest
from leadtime.rules.logic import Interval, Logic

#: Quantities of an item or a transaction that conditions may compare, with their units.
NUMBERS = {
    "tpp": "TPP",
    "pd": "TPP/mm2",
    "dram_gb_s": "GB/s",
    "io_gb_s": "GB/s",
    "hbm_gb_s_mm2": "GB/s/mm2",
    "training_operations": "operations",
    "node_nm": "nm",
    "transistors_bn": "10^9",
}
#: Statements about a transaction that are true, false or not known.
FLAGS = (
    "datacenter",
    "copackaged",
    "weights_published",
    "certified",
    "available_in_us",
    "withheld_in_us",
    "from_us",
    "in_country",
    "sold",
    "subject",
    "direct_product",
    "listed",
    "owned_by_listed",
    "on_other_list",
    "validated_end_user",
    "designer_d5",
    "has_hbm",
    "nonplanar",
    "attested",
    "count_confirmed",
    "manufacturing",
    "named_by_letter",
    "certified_supply",
    "certified_foundry",
    "certified_volume",
    "certified_security",
    "certified_test",
    "exempt_use",
    "left_out",
)
#: Statements that follow from others and are never given.
DERIVED = ("exempt_use", "left_out", "from_us", "in_country", "sold", "withheld_in_us", "designer_d5")
_SIGNS = {ast.GtE: ">=", ast.Gt: ">", ast.LtE: "<=", ast.Lt: "<"}
_MIRRORED = {">=": "<=", ">": "<", "<=": ">=", "<": ">"}


class Facts(Protocol):
    """What a condition is evaluated on."""

    @property
    def logic(self) -> Logic:
        """Return the logic: of one transaction, or of many."""

    def number(self, name: str) -> Interval:
        """Return the interval of a quantity, or of a parameter on the day."""

    def flag(self, name: str) -> Any:
        """Return whether a statement holds."""

    def named(self, patterns: str) -> Any:
        """Return whether the item's id is like one of the patterns (`|` between, `*` for anything)."""

    def to(self, places: "Places") -> Any:
        """Return whether the destination is in a set of places."""

    def home(self, places: "Places") -> Any:
        """Return whether the end user or its ultimate parent has its headquarters in a set of places."""


@dataclass(frozen=True, slots=True)
class Condition:
    """A parsed condition.

    Args:
        text: As written in the log.
        evaluate: Facts to truth value.
        leaves: Its comparisons and statements, each with its text, for the trace.
        parameters: Names that are not quantities of a transaction: numbers of the log.
        limits: Its comparisons: the quantities (added up), the sign, and the number or the parameter they are held
            against.
        flags: The statements that it names.
        named: The patterns of names in it.
    """

    text: str
    evaluate: Callable[[Facts], Any]
    leaves: tuple[tuple[str, Callable[[Facts], Any], tuple[str, ...]], ...]
    parameters: frozenset[str]
    limits: tuple["Limit", ...] = ()
    flags: frozenset[str] = frozenset()
    named: frozenset[str] = frozenset()


#: Quantities added up, a sign, the number or the name of the parameter on the other side, and whether `not` is before
#: it.
Limit = tuple[tuple[str, ...], str, float | str, bool]


def parse(text: str, *, where: str = "", parameters: frozenset[str] = frozenset()) -> Condition:
    """Return the condition that a text states; an empty text always holds.

    Raises:
        LeadtimeError: Not understood, or a name that is neither a quantity nor a parameter.
    """
    if not text.strip():
        return Condition("", lambda facts: 2, (), frozenset())
    try:
        tree = ast.parse(text.strip(), mode="eval").body
    except SyntaxError:
        raise LeadtimeError(
            f"the condition {text!r} cannot be understood", where=where, fix="Example: tpp >= 4800 and datacenter."
        ) from None
    reader = _Reader(where, parameters)
    evaluate = reader.truth(tree)
    return Condition(
        text.strip(),
        evaluate,
        tuple(reader.leaves),
        frozenset(reader.used),
        tuple(reader.limits),
        frozenset(reader.flags),
        frozenset(reader.named),
    )


#: How to read a number, the names in it, and its value when it is written out.
_Term = tuple[Callable[[Facts], Interval], tuple[str, ...], float | None]


class _Reader:
    """Turns the syntax tree of a condition into functions."""

    def __init__(self, where: str, parameters: frozenset[str]) -> None:
        self.where, self.parameters = where, parameters
        self.leaves: list[tuple[str, Callable[[Facts], Any], tuple[str, ...]]] = []
        self.used: set[str] = set()
        self.limits: list[Limit] = []
        self.flags: set[str] = set()
        self.named: set[str] = set()
        self.is_negated = False

    def truth(self, node: ast.expr) -> Callable[[Facts], Any]:
        if isinstance(node, ast.BoolOp):
            parts = [self.truth(v) for v in node.values]
            return _fold(parts, conjunction=isinstance(node.op, ast.And))
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            self.is_negated = not self.is_negated
            inner = self.truth(node.operand)
            self.is_negated = not self.is_negated
            return lambda facts: facts.logic.negate(inner(facts))
        if isinstance(node, ast.Compare):
            return self._comparison(node)
        if isinstance(node, ast.Name) and node.id in FLAGS:
            name = node.id
            self.flags.add(name)
            return self._leaf(node, lambda facts: facts.flag(name), ())
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and len(node.args) == 1:
            argument = node.args[0]
            if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                return self._call(node, node.func.id, argument.value)
        raise self._refusal(node)

    def _call(self, node: ast.Call, name: str, text: str) -> Callable[[Facts], Any]:
        if name == "named":
            self.named |= set(text.split("|"))
            return self._leaf(node, lambda facts: facts.named(text), ())
        if name not in ("to", "home"):
            raise self._refusal(node)
        places = parse_places(text, where=self.where)
        if name == "to":
            return self._leaf(node, lambda facts: facts.to(places), ())
        return self._leaf(node, lambda facts: facts.home(places), ())

    def _comparison(self, node: ast.Compare) -> Callable[[Facts], Any]:
        terms = [self._number(t) for t in (node.left, *node.comparators)]
        parts = []
        for i, operator in enumerate(node.ops):
            sign = _SIGNS.get(type(operator))
            if sign is None:
                raise self._refusal(node)
            parts.append(_compare(terms[i][0], sign, terms[i + 1][0]))
            self._limit(terms[i], sign, terms[i + 1])
        names = tuple(n for _, ns, _ in terms for n in ns)
        return self._leaf(node, _fold(parts, conjunction=True), names)

    def _limit(self, left: "_Term", sign: str, right: "_Term") -> None:
        """Note a comparison of quantities with a number or a parameter, the quantities on the left."""
        if not any(n in NUMBERS for n in left[1]):
            left, sign, right = right, _MIRRORED[sign], left
        bound: float | str | None = right[2] if right[2] is not None else right[1][0] if len(right[1]) == 1 else None
        if bound is not None and bound not in NUMBERS and all(n in NUMBERS for n in left[1]):
            self.limits.append((tuple(sorted(left[1])), sign, bound, self.is_negated))

    def _number(self, node: ast.expr) -> "_Term":
        if isinstance(node, ast.Constant) and isinstance(node.value, int | float):
            value = float(node.value)
            return (lambda facts: (value, value)), (), value
        if isinstance(node, ast.Name):
            name = node.id
            if name not in NUMBERS:
                if name not in self.parameters:
                    raise self._refusal(node)
                self.used.add(name)
            return (lambda facts: facts.number(name)), (name,), None
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
            (f, f_names, _), (g, g_names, _) = self._number(node.left), self._number(node.right)
            return (lambda facts: _add(f(facts), g(facts))), (*f_names, *g_names), None
        raise self._refusal(node)

    def _leaf(self, node: ast.expr, evaluate: Callable[[Facts], Any], names: tuple[str, ...]) -> Callable[[Facts], Any]:
        if self.is_negated:
            text = ast.unparse(node)
            shown = f"not ({text})" if isinstance(node, ast.Compare) else f"not {text}"
            self.leaves.append((shown, lambda facts: facts.logic.negate(evaluate(facts)), names))
        else:
            self.leaves.append((ast.unparse(node), evaluate, names))
        return evaluate

    def _refusal(self, node: ast.AST) -> LeadtimeError:
        text = ast.unparse(node)
        close = nearest(text, [*NUMBERS, *FLAGS, *self.parameters], 3)
        fix = f"Did you mean {', '.join(close)}?" if close else f"Quantities: {', '.join(NUMBERS)}."
        return LeadtimeError(f"{text!r} has no meaning in a condition", where=self.where, fix=fix)


def _fold(parts: list[Callable[[Facts], Any]], *, conjunction: bool) -> Callable[[Facts], Any]:
    def evaluate(facts: Facts) -> Any:
        join = facts.logic.both if conjunction else facts.logic.either
        value = parts[0](facts)
        for part in parts[1:]:
            value = join(value, part(facts))
        return value

    return evaluate


def _compare(f: Callable[[Facts], Interval], sign: str, g: Callable[[Facts], Interval]) -> Callable[[Facts], Any]:
    return lambda facts: facts.logic.compare(f(facts), sign, g(facts))


def _add(a: Interval, b: Interval) -> Interval:
    return a[0] + b[0], a[1] + b[1]


@dataclass(frozen=True, slots=True)
class Places:
    """A parsed set of places, such as `(D:1 | MAC) - A:5`: groups and countries with union, overlap, difference."""

    text: str
    evaluate: Callable[[Callable[[str], Any], Logic], Any]
    names: tuple[str, ...]


def parse_places(text: str, *, where: str = "") -> Places:
    """Return the set of places that a text states; an empty text holds nowhere.

    Raises:
        LeadtimeError: Not understood.
    """
    if not text.strip():
        return Places("", lambda member, logic: 0, ())
    code = text.replace(":", "__colon__").strip()
    try:
        tree = ast.parse(code, mode="eval").body
    except SyntaxError:
        tree = None
    if tree is None or any(not isinstance(n, _PLACE_NODES) for n in ast.walk(tree)):
        raise LeadtimeError(
            f"the set of places {text!r} cannot be understood",
            where=where,
            fix="Example: (D:1 | D:4 | MAC) - (A:5 | A:6).",
        )
    return Places(text.strip(), _place(tree), tuple(dict.fromkeys(_place_names(tree))))


_PLACE_NODES = (ast.Name, ast.BinOp, ast.BitOr, ast.BitAnd, ast.Sub, ast.Load)


def _place_names(tree: ast.AST) -> Iterator[str]:
    return (n.id.replace("__colon__", ":") for n in ast.walk(tree) if isinstance(n, ast.Name))


def _place(node: ast.expr) -> Callable[[Callable[[str], Any], Logic], Any]:
    if isinstance(node, ast.Name):
        name = node.id.replace("__colon__", ":")
        return lambda member, logic: member(name)
    if not isinstance(node, ast.BinOp):
        raise TypeError(ast.dump(node))
    left, right = _place(node.left), _place(node.right)
    if isinstance(node.op, ast.BitOr):
        return lambda member, logic: logic.either(left(member, logic), right(member, logic))
    if isinstance(node.op, ast.BitAnd):
        return lambda member, logic: logic.both(left(member, logic), right(member, logic))
    return lambda member, logic: logic.both(left(member, logic), logic.negate(right(member, logic)))
