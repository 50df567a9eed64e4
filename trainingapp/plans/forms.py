"""What a participant types into a plan and a report, and what a reviewer says."""

from flask_babel import lazy_gettext as _l
from wtforms import (
    HiddenField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length

from trainingapp.forms import Form
from trainingapp.once import OnceForm
from trainingapp.plans.models import PlanComment
from trainingapp.plans.versions.content import Document, places

LONGEST = 10_000


class ReviewForm(Form):
    changes = TextAreaField(
        _l("What should change?"),
        description=_l("It goes out by email together with your remarks on single lines."),
        validators=[Length(max=LONGEST)],
    )


class CommentForm(OnceForm):
    text = TextAreaField(_l("Your comment"), validators=[InputRequired(), Length(max=LONGEST)])
    about = HiddenField()


class StopForm(Form):
    why = TextAreaField(_l("Why does it stop?"), validators=[InputRequired(), Length(max=LONGEST)])


def by_place(comments: list[PlanComment], document: Document) -> dict[str, list[PlanComment]]:
    """Comments by what they are about; "" is the whole plan, and what was said of a line that has gone."""
    lines = places(document)
    found: dict[str, list[PlanComment]] = {}
    for comment in comments:
        found.setdefault(comment.stands_at(lines), []).append(comment)
    return found
