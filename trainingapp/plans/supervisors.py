"""Who may be an alumna's supervisor: who was asked about her plan or progress, and who was nominated."""

from collections.abc import Collection
from dataclasses import dataclass

import sqlalchemy as sa

from trainingapp.cohorts.models import Enrolment
from trainingapp.db import db
from trainingapp.participants.models import Participant
from trainingapp.plans.agreements.models import SupervisorAgreement
from trainingapp.plans.models import ActionPlan
from trainingapp.plans.progress.models import SupervisorCheck


@dataclass(frozen=True)
class Supervisor:
    name: str
    address: str
    language: str


def of_enrolments(numbers: Collection[int]) -> dict[int, list[Supervisor]]:
    """Enrolment -> those with an address, the one named last first; as nominated stands at the end.

    A question that she withdrew, or whose mail came back, names nobody.
    """
    asked = (
        _asked(SupervisorAgreement, SupervisorAgreement.plan_id, numbers).where(
            SupervisorAgreement.withdrawn_at.is_(None), SupervisorAgreement.is_undelivered.is_(False)
        ),
        _asked(SupervisorCheck, SupervisorCheck.plan_id, numbers),
    )
    rows = [row for query in asked for row in db.session.execute(query)]
    found: dict[int, list[Supervisor]] = {number: [] for number in numbers}
    for row in sorted(rows, key=lambda row: row.asked_at, reverse=True):
        found[row.enrolment_id].append(Supervisor(row.name, row.email, row.language))
    nominated = (
        sa.select(Enrolment.id, Enrolment.supervisor_name, Enrolment.supervisor_email, Participant.language)
        .join(Participant, Participant.id == Enrolment.participant_id)
        .where(Enrolment.id.in_(numbers), Enrolment.supervisor_email != "")
    )
    for number, name, address, language in db.session.execute(nominated):
        found[number].append(Supervisor(name, address.lower(), language))
    return found


def _asked(
    table: type[SupervisorAgreement] | type[SupervisorCheck],
    plan_id: sa.SQLColumnExpression[int],
    numbers: Collection[int],
) -> sa.Select[*tuple[object, ...]]:
    return (
        sa.select(ActionPlan.enrolment_id, table.name, table.email, table.language, table.asked_at)
        .join(ActionPlan, ActionPlan.id == plan_id)
        .where(ActionPlan.enrolment_id.in_(numbers))
    )
