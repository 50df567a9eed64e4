"""One class a kind of question: how it is asked, read, shown again, carried in a spreadsheet and summed up.

To add a kind: a class, its name in the list below, and `templates/responses/questions/_<kind>.html`.
"""

from trainingapp.surveys.question_types.choices import OTHER, ManyOf, OneOf, YesNo
from trainingapp.surveys.question_types.contract import (
    QUESTION_TYPES,
    AnswerUnreadable,
    AnswerValue,
    Asked,
    FormValues,
    Option,
    OptionsUnfit,
    QuestionType,
    Value,
    register,
)
from trainingapp.surveys.question_types.figures import Number
from trainingapp.surveys.question_types.scales import Scale
from trainingapp.surveys.question_types.summaries import Counted, Line, Row, Summary
from trainingapp.surveys.question_types.texts import LongText, ShortText

# In the order in which the builder offers them.
register(ShortText, LongText, Number, YesNo, OneOf, ManyOf, Scale)

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
    "Value",
    "register",
]
