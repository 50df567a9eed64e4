"""Questions to the DNS, with one kind of failure."""

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Self

import dns.exception
import dns.rdatatype
import dns.resolver
import dns.reversename

SECONDS = 5.0  # for one question, over all servers

Address = IPv4Address | IPv6Address


class Silent(Exception):
    """No server of the DNS answered; the text says about what."""


@dataclass(frozen=True)
class Lookup:
    resolver: dns.resolver.Resolver

    @classmethod
    def by(cls, server: str | None = None) -> Self:
        """Through the machine's own servers, or one at ADDRESS or ADDRESS#PORT. Raises Silent, ValueError."""
        try:
            resolver = dns.resolver.Resolver(configure=server is None)
        except dns.resolver.NoResolverConfiguration:
            raise Silent("this machine names no DNS server") from None
        if server:
            address, _, port = server.partition("#")
            resolver.nameservers = [str(ip_address(address))]
            resolver.port = int(port or 53)
        resolver.lifetime = SECONDS
        return cls(resolver)

    def txt(self, name: str) -> list[str]:
        return [b"".join(each.strings).decode("utf-8", "replace") for each in self._ask(name, "TXT")]

    def mx(self, name: str) -> list[str]:
        """Hosts, the preferred first; "" stands for "takes no mail" (RFC 7505)."""
        found = sorted(self._ask(name, "MX"), key=lambda each: each.preference)
        return [each.exchange.to_text(omit_final_dot=True).rstrip(".") for each in found]

    def addresses(self, name: str) -> list[Address]:
        return [ip_address(each.address) for kind in ("A", "AAAA") for each in self._ask(name, kind)]

    def names(self, address: Address) -> list[str]:
        found = self._ask(dns.reversename.from_address(str(address)).to_text(), "PTR")
        return [each.target.to_text(omit_final_dot=True) for each in found]

    def _ask(self, name: str, kind: str) -> list:  # type: ignore[type-arg]  # records of any kind
        try:
            answer = self.resolver.resolve(name, kind, search=False, raise_on_no_answer=False)
        except (dns.resolver.NXDOMAIN, dns.exception.SyntaxError, dns.exception.FormError):
            return []  # there is no such name, or there can be none
        except (dns.exception.DNSException, OSError):
            raise Silent(f"no DNS server answered about {name}") from None
        return list(answer.rrset or [])
