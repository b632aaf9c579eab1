"""Who asks, and how much is theirs: one client is an address, an IPv6 network of 64 bits, or what a named
proxy says.
"""

import ipaddress
import time
from collections import Counter, OrderedDict
from collections.abc import Sequence

from leadtime.errors import LeadtimeError

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
_MOST_CLIENTS = 10_000
#: Proxies behind one another that are followed.
_MOST_HOPS = 10


def networks(named: Sequence[str]) -> tuple[Network, ...]:
    """Return the addresses of named proxies.

    Raises:
        LeadtimeError: One is not an address, or is every address.
    """
    found = []
    for text in named:
        try:
            network = ipaddress.ip_network(_address(text) or text.strip())
        except ValueError:
            raise LeadtimeError(
                f"{text[:60]!r} is not an address",
                where="--proxy",
                fix="Expected one such as 127.0.0.1, or a network such as 10.1.2.0/24.",
            ) from None
        if network.prefixlen == 0:
            raise LeadtimeError(
                f"{text} is every address: any client could then name another as its own",
                where="--proxy",
                fix="Name the address of the proxy.",
            )
        found.append(network)
    return tuple(found)


def client_of(peer: str, forwarded: str, proxies: Sequence[Network]) -> str:
    """Return the key by which a client is counted.

    Args:
        peer: Address that the connection comes from.
        forwarded: The header X-Forwarded-For, read only from a named proxy.
        proxies: The named proxies.
    """
    said = iter(forwarded.rsplit(",", _MOST_HOPS)[::-1][:_MOST_HOPS])
    here = _address(peer)
    while here is not None and is_one_of(here, proxies):
        before = _address(next(said, ""))
        if before is None:  # the proxy says nothing that can be read: it is the client itself
            break
        here = before
    return peer[:64] if here is None else _key(here)


def is_one_of(address: ipaddress.IPv4Address | ipaddress.IPv6Address | str, proxies: Sequence[Network]) -> bool:
    """Return whether an address is that of a named proxy."""
    found = _address(address) if isinstance(address, str) else address
    return found is not None and any(found in network for network in proxies)


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """Return an address without port, brackets and zone; an IPv4 address in IPv6 as what it is."""
    bare = text.strip()
    if bare.startswith("["):
        bare = bare[1:].partition("]")[0]
    elif bare.count(":") == 1:
        bare = bare.partition(":")[0]
    try:
        found = ipaddress.ip_address(bare.partition("%")[0])
    except ValueError:
        return None
    return (found.ipv4_mapped or found) if isinstance(found, ipaddress.IPv6Address) else found


def _key(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> str:
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    return str(ipaddress.ip_network((address, 64), strict=False))


class Buckets:
    """Requests by client: a bucket that fills evenly and holds ten seconds' worth, at least 50.

    Args:
        per_minute: How many a client may make, on average.
    """

    def __init__(self, per_minute: float) -> None:
        self._rate = per_minute / 60
        self._most = max(10 * self._rate, 50.0)
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait(self, client: str, *, spend: bool = True) -> float:
        """Return the seconds that a client has to wait; zero spends one, unless it is only to be looked at."""
        now = time.monotonic()
        left, then = self._left.pop(client, (self._most, now))
        left = min(self._most, left + (now - then) * self._rate)
        wait = 0.0 if left >= 1 else (1 - left) / self._rate
        self._left[client] = (left - 1 if spend and not wait else left, now)
        while len(self._left) > _MOST_CLIENTS:
            self._left.popitem(last=False)
        return wait


class Places:
    """Places that clients hold for a while: so many in all, so many each.

    Args:
        most: In all.
        each: Of one client.
    """

    def __init__(self, most: int, each: int) -> None:
        self._most, self._each = most, each
        self._held: Counter[str] = Counter()

    def take(self, client: str) -> bool:
        """Take a place, and return whether there was one."""
        if self._held.total() >= self._most or self._held[client] >= self._each:
            return False
        self._held[client] += 1
        return True

    def give(self, client: str) -> None:
        """Give a place back."""
        self._held[client] -= 1
        if self._held[client] <= 0:
            del self._held[client]
