"""One class a kind of question: how it is asked, read, shown again, carried in a spreadsheet and summed up.

To add a kind: a class, its name in the list below, and `templates/responses/questions/_<kind>.html`.
"""

from trainingapp.surveys.question_types.choices import OTHER, ManyOf, OneOf, YesNo
from trainingapp.surveys.question_types.consents import Consent
from trainingapp.surveys.question_types.contract import (
    QUESTION_TYPES,
    AnswerUnreadable,
    AnswerValue,
    Asked,
    FormValues,
    Option,
    OptionsUnfit,
    QuestionType,
    register,
)
from trainingapp.surveys.question_types.figures import Number
from trainingapp.surveys.question_types.files import File
from trainingapp.surveys.question_types.grids import Activities, Matrix, ThenNow
from trainingapp.surveys.question_types.moments import Moment
from trainingapp.surveys.question_types.places import Country, Place
from trainingapp.surveys.question_types.rankings import Ranking
from trainingapp.surveys.question_types.scales import Scale
from trainingapp.surveys.question_types.silent import Computed, Note
from trainingapp.surveys.question_types.summaries import Counted, Line, Row, Summary
from trainingapp.surveys.question_types.texts import LongText, ShortText

# In the order in which the builder offers them.
register(ShortText, LongText, Number, YesNo, OneOf, ManyOf, Scale, Matrix, Ranking, ThenNow)
register(Moment, Place, Country, File, Activities, Consent, Note, Computed)

__all__ = [
    "OTHER",
    "QUESTION_TYPES",
    "AnswerUnreadable",
    "AnswerValue",
    "Asked",
    "Counted",
    "FormValues",
    "Line",
    "Option",
    "OptionsUnfit",
    "QuestionType",
    "Row",
    "Summary",
    "register",
]
