"""How a sender learns that it is to stop: the message in hand is finished, the rest goes back at once."""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.sharedctypes import RawValue

from celery.signals import worker_shutting_down

# Shared with the processes that send; without a lock, which a signal handler could wait for for ever.
_is_stopping = RawValue("b", 0)


@worker_shutting_down.connect
def tell_senders(**_signal: object) -> None:
    """The main process alone was told."""
    _is_stopping.value = 1


@contextmanager
def until_told() -> Iterator[Callable[[], bool]]:
    """Whether to stop. A SIGTERM, which service managers send to every process, does its work afterwards."""
    told: list[int] = []
    before = signal.signal(signal.SIGTERM, lambda number, _frame: told.append(number))
    try:
        yield lambda: bool(told or _is_stopping.value)
    finally:
        signal.signal(signal.SIGTERM, before)
        if told:
            os.kill(os.getpid(), signal.SIGTERM)
