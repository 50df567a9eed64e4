"""A small DNS on a loopback port: what is in its table, and nothing else."""

import socketserver
import threading
from collections import Counter

import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset


class Dns:
    """`table` maps ("example.org", "TXT") to values as a zone file writes them, but TXT without quotes."""

    def __init__(self, table: dict[tuple[str, str], list[str]] | None = None) -> None:
        self.table = table or {}
        self.asked: Counter[tuple[str, str]] = Counter()
        self.is_silent = False
        self._server = socketserver.ThreadingUDPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self._thread.start()

    @property
    def name(self) -> str:
        return f"127.0.0.1#{self.port}"

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)

    def answer(self, wire: bytes) -> bytes:
        query = dns.message.from_wire(wire)
        (question,) = query.question
        name = question.name.to_text(omit_final_dot=True).lower()
        kind = dns.rdatatype.to_text(question.rdtype)
        self.asked[name, kind] += 1
        reply = dns.message.make_response(query)
        if values := self.table.get((name, kind)):
            told = [_quoted(value) for value in values] if kind == "TXT" else values
            reply.answer.append(dns.rrset.from_text(question.name, 60, "IN", kind, *told))
        elif not any(known == name for known, _ in self.table):
            reply.set_rcode(dns.rcode.NXDOMAIN)
        return reply.to_wire(max_size=65_535)

    def _handler(dns: "Dns") -> type[socketserver.BaseRequestHandler]:  # noqa: N805 - seen from the handler
        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                if not dns.is_silent:
                    self.request[1].sendto(dns.answer(self.request[0]), self.client_address)

        return Handler


def _quoted(text: str) -> str:
    """In pieces of 255 bytes, as long keys are."""
    return " ".join(f'"{text[start : start + 255]}"' for start in range(0, max(len(text), 1), 255))
