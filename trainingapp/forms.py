"""Our form: CSRF always on, hints and errors where the templates expect them, stale edits noticed."""

from typing import Any

from flask_babel import LazyString, gettext
from flask_wtf import FlaskForm
from wtforms import DateField, HiddenField
from wtforms.fields.core import Field

from trainingapp.refusals import Refusal, Stale

FIRST_YEAR, LAST_YEAR = 1900, 2100


class DayField(DateField):
    """A day of our time, so that sums of months and zones with it stay in the calendar."""

    data: Any

    def process_formdata(self, valuelist: list[Any]) -> None:
        super().process_formdata(valuelist)
        if self.data and not FIRST_YEAR <= self.data.year <= LAST_YEAR:
            self.data = None
            text = gettext("Write a year between %(first)d and %(last)d.", first=FIRST_YEAR, last=LAST_YEAR)
            raise ValueError(text)


class Form(FlaskForm):
    """Texts are stripped; a refusal lands on the field it names."""

    class Meta:
        @staticmethod
        def bind_field(form: Any, unbound_field: Any, options: dict[str, Any]) -> Field:
            """The filters go with this one field: what is unbound belongs to every form to come."""
            if unbound_field.field_class.__name__ in {
                "StringField",
                "TextAreaField",
                "EmailField",
                "SearchField",
            }:
                options = {**options, "filters": [_strip, *unbound_field.kwargs.get("filters", [])]}
            return unbound_field.bind(form=form, **options)

    refusal: Refusal | None = None

    def refuse(self, refusal: Refusal) -> None:
        """Shows the refusal at its field, or above the form."""
        self.refusal = refusal
        name = refusal.field
        if name and name in self._fields:
            self._fields[name].errors = [*self._fields[name].errors, str(refusal)]
        else:
            self.form_errors.append(str(refusal))

    @property
    def status(self) -> int:
        """Of the page that shows the form: 409 when someone was quicker, 422 with problems, else 200."""
        if isinstance(self.refusal, Stale):
            return 409
        return 422 if self.problems else 200

    @property
    def problems(self) -> list[tuple[str, str]]:
        """(field id, sentence) for the summary above the form; the id is empty for the whole form."""
        texts = (str, LazyString)  # a form inside a form answers with its own fields' errors
        at_fields = [
            (field.id, str(error)) for field in self for error in field.errors if isinstance(error, texts)
        ]
        return [("", error) for error in self.form_errors] + at_fields


class EditForm(Form):
    """Edits a Versioned row: carries the version that was read."""

    version = HiddenField()

    def check_fresh(self, row: Any) -> None:
        """Raises Stale when the row was changed after this form was opened."""
        if str(self.version.data or row.version) != str(row.version):
            self.version.data = row.version  # shown beside the page as it is now, it may be saved again
            raise Stale(
                gettext(
                    "Someone else changed this after you opened it. What you typed is still here: "
                    "compare it with the page as it is now, then save again."
                )
            )


def _strip(text: object) -> object:
    return text.strip() if isinstance(text, str) else text
