"""The condition language of questionnaires: the part of XLSForm's XPath that asks about answers.

`static/when.js` gives the same answers in a browser; one table of cases holds both.
"""

from trainingapp.surveys.expressions.parsing import Expression, parse
from trainingapp.surveys.expressions.tokens import ExpressionUnreadable
from trainingapp.surveys.expressions.values import Value, truth

__all__ = ["Expression", "ExpressionUnreadable", "Value", "parse", "truth"]
