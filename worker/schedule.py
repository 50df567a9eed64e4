"""What happens when: the one table. Beat rings each line; a row in `ticks` lets one ring count.

Nothing here is exact: what is due stands in columns, and a ring that is missed is made up by the next.
"""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True)
class Line:
    task: str
    every: timedelta
    why: str


LINES = (
    Line("heartbeat", timedelta(seconds=15), "/readyz and the operator see whether anyone works"),
    Line("ring", timedelta(seconds=5), "due mail leaves within seconds; a lost doorbell costs one ring"),
    Line("sweep", timedelta(seconds=5), "what a killed sender held waits again, or is shown as uncertain"),
    Line("themes", timedelta(seconds=5), "someone waits for the themes of an edition's comments"),
    Line("imports", timedelta(seconds=5), "someone watches the progress of a large spreadsheet"),
    Line(
        "follow_up",
        timedelta(seconds=30),
        "waves open, reminders fall due, readers who moved are followed, waves close",
    ),
    Line(
        "unseal", timedelta(minutes=1), "anonymous answers are read when their wave has closed, all at once"
    ),
    Line("count", timedelta(minutes=1), "results of very many answers are there when the page is asked for"),
    Line("still_you", timedelta(minutes=10), "once a year each alumna is asked whether we still reach her"),
    Line("due", timedelta(minutes=10), "a week before an activity is due, its owner is reminded once"),
    Line("voices", timedelta(minutes=1), "supervisors and hosts are asked, after the alumna knows of it"),
    Line("rescue", timedelta(minutes=1), "whom mail does not reach becomes a task; a task that is over ends"),
    Line("inbound", timedelta(minutes=1), "returned mail stops what waits for a dead address within minutes"),
    Line("forget", timedelta(hours=1), "what returned mail said is not kept longer than 90 days"),
    Line(
        "seal",
        timedelta(minutes=5),
        "what is in the audit trail for ten minutes can no longer be changed unseen",
    ),
)
EVERY = {line.task: line.every for line in LINES}
