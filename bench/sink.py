"""A relay that takes every message and forgets it: python -m bench.sink PORT"""

import asyncio
import sys

from aiosmtpd.smtp import SMTP, Envelope, Session


class Forgetful:
    async def handle_DATA(self, _server: SMTP, _session: Session, _envelope: Envelope) -> str:  # noqa: N802
        return "250 2.0.0 Taken"


async def main(port: int) -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(Forgetful()), "127.0.0.1", port)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
