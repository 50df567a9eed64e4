"""Finding people of an edition by what someone types, at a cost that does not follow its length."""

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from trainingapp import countries
from trainingapp.cohorts.models import Cohort, Enrolment, EnrolmentWord
from trainingapp.paging import bounded_counts
from trainingapp.participants.queries import begins, wanted

MANY = 10_000  # found by one word; beyond it the first page is sooner found by walking down the list


def matching(cohort: Cohort, text: str) -> sa.ColumnElement[bool]:
    """A WHERE clause on Enrolment that keeps to the edition.

    Each word of the text begins a word of a name, the organisation or the post; or the text is the country.
    The middle of a word finds nothing: no index leads there. Neither database guesses well how many a
    beginning finds, so the index is asked first, and the rarest word leads.
    """
    words, country = wanted(text), countries.find(text)
    if not words:
        return sa.false()
    here = sa.select(EnrolmentWord.enrolment_id).where(EnrolmentWord.cohort_id == cohort.id)
    there = sa.select(Enrolment.id).where(Enrolment.cohort_id == cohort.id, Enrolment.country == country)
    *sizes, from_there = bounded_counts(
        [*(here.where(begins(EnrolmentWord.word, word)) for word in words), there], MANY
    )
    few, rarest = min(zip(sizes, words, strict=True))
    if few + from_there > MANY:
        every = sa.and_(*(_has_word(Enrolment.id, word) for word in words))
        return sa.and_(Enrolment.cohort_id == cohort.id, sa.or_(every, Enrolment.country == country))
    rest = (_has_word(EnrolmentWord.enrolment_id, word) for word in words if word != rarest)
    found = here.where(begins(EnrolmentWord.word, rarest), *rest)
    # Without the edition: beside it SQLite would walk down the list after all.
    return Enrolment.id.in_(sa.union_all(found, there))


def _has_word(enrolment: sa.SQLColumnExpression[int], word: str) -> sa.ColumnElement[bool]:
    """A scalar subquery: for EXISTS PostgreSQL may read every word of the edition first."""
    other = aliased(EnrolmentWord)
    one = sa.select(sa.literal(1)).where(other.enrolment_id == enrolment, begins(other.word, word)).limit(1)
    return one.scalar_subquery().is_not(None)
