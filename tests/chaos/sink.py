"""A relay that refuses, delays, hangs and hangs up, and writes down what it really took.

python -m tests.chaos.sink PORT LOG SEED FAULTS SLOW: `FAULTS` scales every chance of trouble, 0 is a good
relay; `SLOW` is the share of messages whose acceptance is answered late. A line of the log: seconds since
1970, what the sender hears, recipient, Message-ID. Written before the sender hears of it: this is the truth.
"""

import asyncio
import os
import random
import re
import signal
import sys
import time
from pathlib import Path

from tests.relay import DROP, HANG, TAKE_AND_DROP, TAKE_AND_HANG, Relay, Taken

BAD = "nobody"  # how the addresses begin that do not exist
LATE = 0.4  # seconds
PATIENCE = 4  # seconds until it gives up on a sender: less than the grace, as in life
MESSAGE_ID = re.compile(rb"^Message-ID:\s*(\S+)", re.MULTILINE | re.IGNORECASE)

TROUBLE: dict[str, dict[str, float]] = {
    "connect": {DROP: 0.02, "421 4.3.2 come back later": 0.03, HANG: 0.002},
    "rcpt": {"451 4.3.0 busy": 0.03, DROP: 0.002, HANG: 0.0001},
    "data": {"451 4.3.1 no room": 0.003, DROP: 0.002},
    "body": {DROP: 0.003},
    "dot": {
        "451 4.3.0 try again": 0.008,
        DROP: 0.002,
        TAKE_AND_DROP: 0.002,
        HANG: 0.0001,
        TAKE_AND_HANG: 0.0002,
    },
}


class Sink(Relay):
    patience = PATIENCE

    def __init__(self, port: int, log: Path, seed: int, faults: float, slow: float) -> None:
        self.dice = random.Random(seed)
        self.faults, self.slow = faults, slow
        self.log = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        super().__init__(self.fate, port)

    def fate(self, stage: str, recipient: str) -> str | None:
        if stage == "rcpt" and recipient.startswith(BAD):
            return "550 5.1.1 no such user"
        roll = self.dice.random()
        for reply, chance in TROUBLE.get(stage, {}).items():
            roll -= chance * self.faults
            if roll < 0:
                return reply
        return None

    async def keep(self, taken: Taken) -> None:
        is_late = self.dice.random() < self.slow
        word = "late" if is_late else "soon"
        name = MESSAGE_ID.search(taken.body)
        assert name, "a message without Message-ID"
        os.write(self.log, f"{time.time():.3f} {word} {taken.recipient} {name[1].decode()}\n".encode())
        await asyncio.sleep(LATE if is_late else self.dice.random() * 0.004)


def main(port: str, log: str, seed: str, faults: str, slow: str) -> None:
    Sink(int(port), Path(log), int(seed), float(faults), float(slow))
    signal.pause()


if __name__ == "__main__":
    main(*sys.argv[1:])
