"""What is told of people, and where, in the reader's language."""

from flask_babel import lazy_gettext as _l

TABLES = {
    "people": _l("People"),
    "plans": _l("Action plans"),
    "answers": _l("Answers"),
    "questions": _l("Questions and answers"),
    "indicators": _l("Indicators"),
}
FACTS = {
    "state": _l("State of the plan"),
    "evidence": _l("Level of evidence"),
    "problem": _l("Problem"),
    "months": _l("Months until the last report"),
}
TOLD = {
    "year": _l("Year"),
    "years": _l("three years together"),
    "place": _l("Country"),
    "country": _l("Country"),
    "region": _l("region of the world"),
    "age": _l("Age, in bands of ten years"),
    "sex": _l("Sex"),
    "kind": _l("Kind of participant"),
}
