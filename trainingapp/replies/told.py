"""What a reply was understood as, for those who read it: states and causes, and the step each is about."""

from collections.abc import Sequence
from dataclasses import dataclass

from trainingapp.followups.steps import Step
from trainingapp.plans.models import ActivityState
from trainingapp.plans.progress.models import Blocker
from trainingapp.replies.models import EmailReply


@dataclass(frozen=True)
class Understood:
    number: int
    what: str
    state: ActivityState | None
    percent: int | None
    blocker: Blocker | None
    note: str
    is_same: bool  # as last time


def understood(reply: EmailReply, steps: Sequence[Step]) -> list[Understood]:
    whats = {step.id: step.what for step in steps}
    return [
        Understood(
            number=said["number"],
            what=whats.get(said["activity_id"], ""),
            state=ActivityState(said["state"]) if said["state"] else None,
            percent=said["percent"],
            blocker=Blocker(said["blocker"]) if said["blocker"] else None,
            note=said["note"],
            is_same=said["is_same"],
        )
        for said in reply.said
    ]
