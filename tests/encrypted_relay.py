"""A relay that speaks TLS and asks for a password: aiosmtpd, in a thread."""

import asyncio
import ssl
import threading
from contextlib import contextmanager

from aiosmtpd.smtp import SMTP, AuthResult


class Taker:
    def __init__(self):
        self.taken = []

    async def handle_DATA(self, _server, session, envelope):  # noqa: N802 - aiosmtpd's name
        self.taken.append((session.ssl is not None, session.authenticated, envelope.rcpt_tos))
        return "250 2.0.0 taken"


def of(certificate):
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    certificate.configure_cert(context)
    return context


@contextmanager
def server(*, starttls=None, tls=None, users=None, hostname="127.0.0.1"):
    """aiosmtpd; `users` maps a name to its password."""
    taker = Taker()

    def check(_server, _session, _envelope, _mechanism, told):
        return AuthResult(success=(users or {}).get(told.login) == told.password, handled=False)

    def protocol():
        return SMTP(
            taker,
            tls_context=starttls,
            require_starttls=starttls is not None,
            authenticator=check if users else None,
            auth_required=users is not None,
            auth_require_tls=users is not None,
        )

    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)  # this one may hold a browser's loop
    thread.start()
    begun = asyncio.run_coroutine_threadsafe(loop.create_server(protocol, hostname, 0, ssl=tls), loop)
    listening = begun.result(10)
    taker.port = listening.sockets[0].getsockname()[1]
    try:
        yield taker
    finally:
        asyncio.run_coroutine_threadsafe(_end(listening), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


async def _end(listening):
    listening.close()
    tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await asyncio.sleep(0.05)
