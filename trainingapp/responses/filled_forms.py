"""Forms that came back: looked at first, recorded only when somebody has seen what was read."""

from dataclasses import dataclass, field
from datetime import datetime

from flask_babel import gettext as _

from trainingapp.accounts.models import User
from trainingapp.followups import queries as invitations
from trainingapp.followups.models import Invitation
from trainingapp.plans.progress.models import Source
from trainingapp.refusals import Refusal
from trainingapp.responses import actions, proposals, queries, sheets
from trainingapp.responses.actions import Filled
from trainingapp.responses.sheets import Form


class CannotBeRecorded(Refusal):
    """Something changed since the files were looked at: nothing of any file was recorded."""


@dataclass
class Looked:
    """One file. With a `problem` nothing of it is taken; unread cells make one, too."""

    name: str
    problem: str = ""
    form: Form | None = None
    invitation: Invitation | None = None
    filled: Filled | None = None
    said: list[tuple[str, str, str]] = field(default_factory=list)  # cell, question, what stands there
    unread: list[tuple[str, str]] = field(default_factory=list)  # cell, why


def look(name: str, data: bytes, wave_id: int, now: datetime) -> Looked:
    """Writes nothing."""
    try:
        form = sheets.read(data)
    except Refusal as refusal:
        return Looked(name, str(refusal))
    return judge(name, form, wave_id, now)


def judge(name: str, form: Form, wave_id: int, now: datetime) -> Looked:
    found = Looked(name, form=form)
    if form.wave_id != wave_id:
        found.problem = _("This form belongs to another wave. Upload it there.")
        return found
    invitation = found.invitation = invitations.invitation(form.invitation_id)
    if invitation is None:
        found.problem = _("The person of this form is no longer asked in this wave.")
        return found
    found.problem = _refused_because(form, invitation, now)
    if not found.problem:
        _read(found, form, invitation)
    return found


def _refused_because(form: Form, invitation: Invitation, now: datetime) -> str:
    sheet = queries.sheet(invitation)
    known = {line.key for line in sheets.lines(sheet, form.language)}
    if form.version_id != invitation.wave.survey_version_id or not form.cells.keys() <= known:
        return _("The questions or the plan were changed since this form was made. Download a new one.")
    if sheet.is_anonymous:
        return _("These answers are anonymous, so they are never taken from a form with a name.")
    if sheet.is_sent:
        return _("This person has answered already. What was sent stays as it is.")
    if not queries.takes_answers(invitation, now):
        return _("This wave takes no more answers.")
    if proposals.waiting(invitation):
        return _("This person has also replied by email, and has not confirmed it yet. Look at that first.")
    return ""


def _read(found: Looked, form: Form, invitation: Invitation) -> None:
    sheet = queries.sheet(invitation)
    page = sheets.typed(form, sheet)
    found.filled = page.read(is_final=True)
    for line in sheets.lines(sheet, form.language):
        field_name, place = line.key.partition("|")[0], form.places.get(line.key, "")
        if field_name in page.errors and (form.cells.get(line.key) or "|" not in line.key):
            found.unread.append((place, f"{line.text}: {page.errors.pop(field_name)}"))
        elif form.cells.get(line.key):
            found.said.append((place, line.text, form.cells[line.key]))
    found.unread += [("", text) for text in page.errors.values()]
    if found.unread:
        found.problem = _("Some cells cannot be read. Mend them in the file and upload it again.")
    elif not found.said:
        found.problem = _("Nothing is filled in.")


def record(forms: list[tuple[str, Form]], wave_id: int, by: User, now: datetime) -> int:
    """All of them or none. Raises CannotBeRecorded."""
    for name, form in forms:
        looked = judge(name, form, wave_id, now)
        if looked.problem or looked.invitation is None or looked.filled is None:
            raise CannotBeRecorded(
                _("%(name)s: %(why)s Nothing was recorded.", name=name, why=looked.problem)
            )
        try:
            actions.send(
                looked.invitation,
                looked.filled,
                language=form.language,
                now=now,
                recorded_by=by,
                source=Source.FILE,
            )
        except Refusal as refusal:
            raise CannotBeRecorded(
                _("%(name)s: %(why)s Nothing was recorded.", name=name, why=refusal)
            ) from refusal
    return len(forms)
