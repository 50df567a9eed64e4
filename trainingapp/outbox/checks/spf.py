"""SPF (RFC 7208) as a receiver reads it: which addresses may send for a domain, and what asking costs."""

from dataclasses import dataclass, field
from ipaddress import ip_network

from trainingapp.outbox.checks.lookup import Address, Lookup

MOST_QUESTIONS = 10
RESULTS = {"+": "pass", "-": "fail", "~": "softfail", "?": "neutral"}
ASKING = {"include", "a", "mx", "ptr", "exists"}


class Broken(Exception):
    """Receivers cannot use the record; the text says why."""


@dataclass
class Spf:
    """For one address of a relay; None matches nothing, and so shows what the record costs at most."""

    lookup: Lookup
    address: Address | None
    questions: int = 0
    ends: str | None = field(default=None)  # what the domain's own record says of everybody else

    def judge(self, domain: str) -> str:
        """pass, fail, softfail or neutral; none without a record. Raises Broken and Silent."""
        record = self._record(domain)
        if record is None:
            return "none"
        terms = record.split()[1:]
        for term in terms:
            if "=" in term.partition(":")[0]:
                continue
            sign, mechanism = (term[0], term[1:]) if term[0] in RESULTS else ("+", term)
            if self._matches(mechanism, domain):
                if mechanism.lower() == "all":
                    self.ends = RESULTS[sign]
                return RESULTS[sign]
        redirect = [term[9:] for term in terms if term.lower().startswith("redirect=")]
        if not redirect:
            return "neutral"
        self._ask()
        result = self.judge(redirect[0])
        if result == "none":
            raise Broken(f"it hands over to {redirect[0]}, which has no record")
        return result

    def _record(self, domain: str) -> str | None:
        found = [text for text in self.lookup.txt(domain) if text.lower().split(" ")[0] == "v=spf1"]
        if len(found) > 1:
            raise Broken(f"{domain} has {len(found)} SPF records, so that receivers use none: keep one")
        return found[0] if found else None

    def _ask(self) -> None:
        self.questions += 1
        if self.questions > MOST_QUESTIONS:
            raise Broken(f"it costs more than {MOST_QUESTIONS} questions to the DNS: leave some includes out")

    def _matches(self, mechanism: str, domain: str) -> bool:
        """`exists` and `ptr` ask about the mail in hand: here they cost, and match nothing."""
        head, _, cidr = mechanism.partition("/")
        name, _, value = head.partition(":")
        if name.lower() in ASKING:
            self._ask()
        match name.lower():
            case "all":
                return True
            case "ip4" | "ip6":
                return self._is_in(mechanism.partition(":")[2])
            case "include":
                return self._included(value)
            case "a":
                hosts = [value or domain]
            case "mx":
                hosts = self.lookup.mx(value or domain)
            case "exists" | "ptr":
                hosts = []
            case _:
                raise Broken(f"it holds {mechanism!r}, which SPF does not know")
        return any(self._has(host, cidr) for host in hosts if host and "%" not in host)

    def _included(self, domain: str) -> bool:
        other = Spf(self.lookup, self.address, self.questions)
        result = other.judge(domain)
        self.questions = other.questions
        if result == "none":
            raise Broken(f"it includes {domain}, which has no record")
        return result == "pass"

    def _is_in(self, network: str) -> bool:
        try:
            found = ip_network(network, strict=False)
        except ValueError:
            raise Broken(f"it holds {network!r}, which is no network") from None
        return self.address is not None and self.address in found

    def _has(self, host: str, cidr: str) -> bool:
        """`cidr` is "24", "24//64" or "/64": for the old kind of addresses and for the new."""
        old, _, new = cidr.partition("/")
        width = {4: old or "32", 6: new.lstrip("/") or "128"}
        return any(self._is_in(f"{found}/{width[found.version]}") for found in self.lookup.addresses(host))
