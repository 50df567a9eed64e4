"""`make chaos`: real workers, beats, broker, databases and a relay that lies; what it took is the truth.

For a quick look: python -m tests.chaos --on sqlite --invitations 300 --kills 6. `--naive` runs a sender as
most people write it through the same trouble; it must send twice, or the harness is blind.
"""

import argparse
import os
import secrets
import shutil
import signal
import sys
import tempfile
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path

from tests.chaos import clockwork, sight
from tests.chaos.run import Run, Stuck
from tests.chaos.scene import Counts, Options, Scene

DATABASES = ("sqlite", "postgresql")


def main(arguments: Sequence[str] | None = None) -> int:
    asked = _asked(arguments)
    options = _options(asked)
    play = sight.play if asked.naive else _play
    verdicts = [_in_a_folder_of_its_own(play, kind, options) for kind in asked.on]
    return 0 if all(verdicts) else 1


def _in_a_folder_of_its_own(play: Callable[[Scene], bool], kind: str, options: Options) -> bool:
    """Whether all went as it must; if not, the folder stays for whoever looks for the cause."""
    folder = Path(tempfile.mkdtemp(prefix=f"lanjut-chaos-{kind}-"))
    os.environ[clockwork.VARIABLE] = str(folder / "clock")
    with ExitStack() as servers:
        scene = Scene(kind, folder, options, servers)
        with scene.flask.app_context():
            is_good = play(scene)
    if is_good:
        shutil.rmtree(folder, ignore_errors=True)
    else:
        print(f"The logs are in {folder}; the dice were --seed {options.seed}.", file=sys.stderr)
    return is_good


def _play(scene: Scene) -> bool:
    run = Run(scene)
    try:
        before = run.play()
        after = run.settle()
    except Stuck as problem:
        run.say(f"{problem}: {run.progress(run.look())}")
        return False
    run.say(f"{after.reminders:,} reminders; {len(run.people.done):,} people answered or stopped meanwhile")
    for problem in before.problems() + after.problems():
        run.say(problem)
    print(
        f"chaos: {before.invitations} invitations, {run.faults.done['kill']} kills, lost {len(before.lost)}, "
        f"sent twice {len(before.twice)}, uncertain {before.uncertain}",
        flush=True,
    )
    return before.is_good and after.is_good


def _asked(arguments: Sequence[str] | None) -> argparse.Namespace:
    asked = argparse.ArgumentParser(prog="python -m tests.chaos")
    asked.add_argument("--on", nargs="+", choices=DATABASES, default=list(DATABASES))
    asked.add_argument("--invitations", type=int, default=10_000)
    asked.add_argument("--reminders", type=int, choices=(0, 1, 2), default=1, help="a person, at most")
    asked.add_argument("--kills", type=int, default=55, help="kill -9 of a worker or a beat, children too")
    asked.add_argument("--flushes", type=int, default=10, help="the broker forgets everything")
    asked.add_argument("--broker-restarts", type=int, default=2)
    asked.add_argument("--database-restarts", type=int, default=5, help="at once; PostgreSQL only")
    asked.add_argument("--relay-restarts", type=int, default=3)
    asked.add_argument("--freezes", type=int, default=4, help="a worker stands still past its lease")
    asked.add_argument("--jumps", type=int, default=3, help="every clock is set ten minutes ahead")
    asked.add_argument("--acting", type=float, default=0.12, help="share who answer or stop meanwhile")
    asked.add_argument("--trouble", type=float, default=1, help="how often the relay misbehaves")
    asked.add_argument("--late", type=float, default=0.004, help="share of messages acknowledged late")
    asked.add_argument("--minutes", type=float, default=20, help="the longest a run may take")
    asked.add_argument("--seed", type=int, default=secrets.randbelow(10**6))
    asked.add_argument("--naive", action="store_true", help="a sender that must send twice")
    return asked.parse_args(arguments)


def _options(asked: argparse.Namespace) -> Options:
    counts = Counts(
        kill=asked.kills,
        flush=asked.flushes,
        restart_broker=asked.broker_restarts,
        restart_database=asked.database_restarts,
        restart_relay=asked.relay_restarts,
        freeze=asked.freezes,
        jump=asked.jumps,
    )
    return Options(
        invitations=asked.invitations,
        reminders=asked.reminders,
        counts=counts,
        acting=asked.acting,
        trouble=asked.trouble,
        late=asked.late,
        minutes=asked.minutes,
        seed=asked.seed,
    )


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))  # so that all it started ends with it
    sys.exit(main())
