"""A programme's activity file: nothing leaves that our own judge would refuse."""

import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from trainingapp.db import db
from trainingapp.impact.iati import identifiers, judging, writing
from trainingapp.impact.iati.collecting import Collection
from trainingapp.impact.iati.contents import Document
from trainingapp.impact.iati.models import IatiDetails
from trainingapp.impact.iati.verdict import Finding, Verdict
from trainingapp.impact.scope import Scope
from trainingapp.plans.progress.models import EvidenceLevel
from trainingapp.programmes.models import Programme
from trainingapp.refusals import Refusal


class NotReady(Refusal):
    """What every reader of such a file needs is missing; `lacks` says what, and where to fill it."""

    def __init__(self, lacks: Sequence["Lack"]) -> None:
        super().__init__(" ".join(str(one.text) for one in lacks))
        self.lacks = lacks


@dataclass(frozen=True)
class Lack:
    text: object  # a sentence, translated when it is shown
    place: str  # where it is filled: "details" or "programme"
    is_needed: bool = True  # else the file is valid without it, and better with it


@dataclass(frozen=True)
class Export:
    xml: bytes
    verdict: Verdict
    lacks: Sequence[Lack] = field(default_factory=list)  # that are not needed


def details_of(programme: Programme) -> IatiDetails | None:
    return db.session.scalar(sa.select(IatiDetails).where(IatiDetails.programme_id == programme.id))


def export(
    programme: Programme,
    scope: Scope,
    level: EvidenceLevel,
    now: datetime,
    documents: Sequence[Document] = (),
) -> Export:
    """Raises NotReady."""
    details, lacks = details_of(programme), lacking(programme)
    if details is None or any(one.is_needed for one in lacks):
        raise NotReady([one for one in lacks if one.is_needed])
    contents = Collection(programme, details, scope, now).contents(level, documents)
    xml = writing.written(contents, now)
    verdict = judging.judged(io.BytesIO(xml), now)
    if not verdict.is_accepted:
        raise NotReady([Lack(_in_words(one), "details") for one in verdict.problems])
    return Export(xml, verdict, lacks)


def is_ready(programme: Programme) -> bool:
    return details_of(programme) is not None and not any(one.is_needed for one in lacking(programme))


def lacking(programme: Programme) -> list[Lack]:
    """What is needed first."""
    details = details_of(programme) or IatiDetails.usual()
    found = []
    if not writing.plain(details.organisation_ref):
        found.append(Lack(_l("Say who reports: the identifier of the organisation."), "details"))
    elif not identifiers.is_known_shape(details.organisation_ref):
        found.append(Lack(identifiers.ODD, "details"))
    if not writing.plain(details.organisation_name):
        found.append(Lack(_l("Say who reports: the name of the organisation."), "details"))
    if not writing.plain(programme.description):
        found.append(Lack(_l("Describe the programme in a few sentences."), "programme"))
    better = (
        (details.sdgs, _l("Name the SDG targets that the programme works for.")),
        (details.contact_email, _l("Give an address that readers can write to.")),
    )
    found += [Lack(text, "details", is_needed=False) for value, text in better if not value]
    return found


def _in_words(one: Finding) -> str:
    return _("%(place)s: %(reason)s", place=one.activity or one.path, reason=one.reason)
