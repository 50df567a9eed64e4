"""One question over the years: each time it was asked, what was answered, where its words changed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from trainingapp.archives.models import Archive, ArchivedResponse
from trainingapp.cohorts.models import Cohort
from trainingapp.db import db
from trainingapp.feedback.results import counting, parts
from trainingapp.feedback.results.chart_kinds import kind_of
from trainingapp.feedback.results.figures import Figures
from trainingapp.followups.models import Schedule, Wave, WaveState
from trainingapp.programmes.models import Programme, Theme
from trainingapp.responses.models import Answer, Response, ResponseState
from trainingapp.statistics import SMALLEST_GROUP, mean_range, wilson
from trainingapp.surveys.models import Anonymity, Level, Question, Survey, SurveyVersion


@dataclass(frozen=True)
class Key:
    """A question that was answered, by the key it has had all the time."""

    key: str
    kind: str
    level: Level
    wording: Mapping[str, Any]
    times: int  # versions that ask it


@dataclass(kw_only=True)
class Tallied:
    people: int = 0
    chosen: dict[str, int] = field(default_factory=dict)  # value -> people
    numbers: dict[float, int] = field(default_factory=dict)

    @property
    def is_hidden(self) -> bool:
        return self.people < SMALLEST_GROUP

    def said(self, value: str) -> tuple[int, int]:
        """How many gave this value, of how many."""
        return self.chosen.get(value, 0), self.people

    def share(self, value: str) -> tuple[int, float, float]:
        """How many gave this value, and the 95 % range of their share."""
        return (self.said(value)[0], *wilson(*self.said(value)))

    @property
    def mean(self) -> Any:
        return mean_range(dict(sorted(self.numbers.items())))


@dataclass
class Asking(Tallied):
    """One wave or one old spreadsheet that asked it."""

    of: Wave | Archive
    question: Question
    changed_from: Question | None = None  # its words or answers were others the time before

    @property
    def key(self) -> str:
        return f"{'w' if isinstance(self.of, Wave) else 'a'}{self.of.id}.{self.question.id}"

    @property
    def on(self) -> date | None:
        """The day by which it stands among the others; none: nobody knows."""
        return self.of.opens_on if isinstance(self.of, Wave) else self.of.collected_to

    @property
    def cohort(self) -> Cohort | None:
        return self.of.schedule.cohort if isinstance(self.of, Wave) else self.of.cohort

    @property
    def source(self) -> str:
        """Where the answers come from, when they were not gathered here."""
        return "" if isinstance(self.of, Wave) else self.of.source

    @property
    def is_hidden(self) -> bool:
        """Fewer than five people, or anonymous answers that are still coming in."""
        is_anonymous = self.of.survey_version.anonymity is Anonymity.ANONYMOUS
        is_open = isinstance(self.of, Wave) and self.of.state is not WaveState.CLOSED
        return super().is_hidden or (is_anonymous and is_open)


def keys(programme: Programme) -> list[Key]:
    """Every key that was asked, with its latest words, in the order of keys."""
    answered = (
        sa.select(sa.func.max(Question.id).label("id"), sa.func.count().label("times"))
        .join(SurveyVersion, SurveyVersion.id == Question.version_id)
        .join(Survey, Survey.id == SurveyVersion.survey_id)
        .where(Survey.programme_id == programme.id)
        .where(sa.exists().where(Answer.question_id == Question.id))
        .group_by(Question.key)
        .subquery()
    )
    query = sa.select(Question, answered.c.times).join(answered, answered.c.id == Question.id)
    return [
        Key(question.key, question.kind, question.level, question.wording, times)
        for question, times in db.session.execute(query.order_by(Question.key))
    ]


def latest(programme: Programme, key: str) -> Question | None:
    """As it was published last, answered or not."""
    return db.session.scalar(
        sa.select(Question)
        .join(SurveyVersion, SurveyVersion.id == Question.version_id)
        .join(Survey, Survey.id == SurveyVersion.survey_id)
        .where(Survey.programme_id == programme.id, Question.key == key)
        .where(SurveyVersion.published_at.is_not(None))
        .order_by(Question.id.desc())
        .limit(1)
    )


def askings(programme: Programme, key: str, offset_months: int | None = None, item: str = "") -> list[Asking]:
    """Each time it was answered, the earliest first; `item` is a row of a question that has several."""
    found = _of_waves(programme, key, offset_months, item)
    if offset_months is None:
        found += _of_archives(programme, key, item)
    found.sort(key=lambda one: (one.on or date.max, one.question.id))
    before: Asking | None = None
    for one in found:
        if before and words(before.question) != words(one.question):
            one.changed_from = before.question
        before = one
    return found


def words(question: Question) -> tuple[Any, Any]:
    return question.wording, question.options


def _of_waves(programme: Programme, key: str, offset_months: int | None, item: str) -> list[Asking]:
    query = (
        sa.select(Wave)
        .join(Wave.schedule)
        .join(Schedule.cohort)
        .join(Cohort.theme)
        .where(Theme.programme_id == programme.id)
        .options(
            joinedload(Wave.schedule).joinedload(Schedule.cohort).joinedload(Cohort.theme),
            joinedload(Wave.survey_version).joinedload(SurveyVersion.survey),
        )
    )
    if offset_months is not None:
        query = query.where(Wave.offset_months == offset_months)
    waves = {wave.id: wave for wave in db.session.scalars(query)}
    ahead = {} if item else _counted_ahead(waves, key)
    rest = {number: wave for number, wave in waves.items() if number not in ahead}
    answers = sa.and_(Response.id == Answer.response_id, Response.state == ResponseState.SENT)
    found = _together(rest, Response.wave_id, sa.join(Answer, Response, answers), key, item)
    return [*(one for one in ahead.values() if one.people), *found]


def _counted_ahead(waves: Mapping[int, Wave], key: str) -> dict[int, Asking]:
    """Of waves with very many answers, where the question has no rows of its own."""
    large = [waves[number] for number in sorted(parts.large(waves))]
    asked = sa.select(Question).where(
        Question.key == key, Question.version_id.in_({wave.survey_version_id for wave in large})
    )
    questions = {question.version_id: question for question in db.session.scalars(asked)} if large else {}
    found = {}
    for wave in large:
        if question := questions.get(wave.survey_version_id):
            figures = counting.Counts(wave, [question]).figures
            if not figures.has_items(question.id):
                found[wave.id] = _asking(wave, question, figures)
    return found


def _asking(wave: Wave, question: Question, figures: Figures) -> Asking:
    chosen, numbers = figures.chosen(question.id), figures.numbers(question.id)
    people = figures.answered(question.id) if kind_of(question).has_several else sum(chosen.values())
    chosen.pop("", None)
    return Asking(wave, question, people=people, chosen=chosen, numbers=numbers)


def _of_archives(programme: Programme, key: str, item: str) -> list[Asking]:
    query = (
        sa.select(Archive)
        .join(Archive.survey_version)
        .join(SurveyVersion.survey)
        .where(Survey.programme_id == programme.id, Archive.taken_back_at.is_(None))
        .options(
            joinedload(Archive.survey_version).joinedload(SurveyVersion.survey),
            joinedload(Archive.cohort).joinedload(Cohort.theme),
        )
    )
    archives = {archive.id: archive for archive in db.session.scalars(query)}
    answers = ArchivedResponse.response_id == Answer.response_id
    joined = sa.join(Answer, ArchivedResponse, answers)
    return _together(archives, ArchivedResponse.archive_id, joined, key, item)


def _together(
    owners: Mapping[int, Wave] | Mapping[int, Archive], owner: Any, joined: Any, key: str, item: str
) -> list[Asking]:
    """Counted in the database: how many answered, and how often each value was given."""
    if not owners:
        return []
    answers = (
        sa.select(owner, Answer.question_id)
        .select_from(joined)
        .join(Question, Question.id == Answer.question_id)
        .where(Question.key == key, Answer.item == item, owner.in_(owners))
        .group_by(owner, Answer.question_id)
    )
    people = answers.add_columns(sa.func.count(Answer.response_id.distinct()))
    sizes = {(of, question): count for of, question, count in db.session.execute(people)}
    questions = _questions({question for _of, question in sizes})
    found: dict[tuple[int, int], Asking] = {
        (of, question): Asking(owners[of], questions[question], people=count)
        for (of, question), count in sizes.items()
    }
    values = answers.add_columns(Answer.choice, Answer.number, sa.func.count())
    for of, question, choice, number, count in db.session.execute(
        values.group_by(Answer.choice, Answer.number)
    ):
        asking = found[of, question]
        if choice:
            asking.chosen[choice] = asking.chosen.get(choice, 0) + count
        if number is not None:
            asking.numbers[number] = asking.numbers.get(number, 0) + count
    return list(found.values())


def _questions(ids: set[int]) -> dict[int, Question]:
    rows: Sequence[Question] = db.session.scalars(sa.select(Question).where(Question.id.in_(ids))).all()
    return {row.id: row for row in rows}
