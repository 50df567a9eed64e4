"""Where the bars of a plan's chart lie, in percent of its width."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from dateutil.relativedelta import relativedelta

from trainingapp.plans.models import OVER, Activity

MOST_TICKS = 7
STEPS = (1, 2, 3, 6, 12, 24, 60)  # months between two ticks
AFTER = relativedelta(months=3)  # how far past the last due day the chart follows the calendar
NARROWEST = 0.8


@dataclass(frozen=True)
class Course:
    """What reports said of one activity: when work was first heard of, and when it was over."""

    began_on: date | None = None
    ended_on: date | None = None
    told_on: tuple[date, ...] = ()  # when it was reported on


@dataclass(frozen=True)
class Bar:
    x: float
    width: float


@dataclass(frozen=True)
class Row:
    activity: Activity
    course: Course
    planned: Bar | None
    happened: Bar | None
    late: Bar | None
    told: tuple[float, ...]  # where it was reported on


@dataclass(frozen=True)
class Chart:
    begins_on: date
    ends_on: date
    ticks: list[tuple[float, date]]
    today: float | None
    rows: list[Row]


def draw(activities: Sequence[Activity], courses: Mapping[int, Course], today: date) -> Chart | None:
    """None when no activity has a date."""
    marks = [day for activity in activities for day in (activity.starts_on, activity.due_on) if day]
    if not marks:
        return None
    seen = [
        day
        for course in courses.values()
        for day in (course.began_on, course.ended_on)
        if day and day <= today
    ]
    begins = min([*marks, *seen]).replace(day=1)
    reach = max([*marks, *seen])
    last = max(reach, min(today, reach + AFTER))
    ends = last.replace(day=1) + relativedelta(months=1)
    scale = _Scale(begins, ends)
    rows = [_row(activity, courses.get(activity.id, Course()), today, scale) for activity in activities]
    inside = begins <= today < ends
    return Chart(begins, ends, _ticks(scale), scale.at(today) if inside else None, rows)


def is_late(activity: Activity, course: Course, today: date) -> bool:
    if activity.due_on is None:
        return False
    if activity.state in OVER:
        return course.ended_on is not None and course.ended_on > activity.due_on
    return today > activity.due_on


@dataclass(frozen=True)
class _Scale:
    begins: date
    ends: date

    def at(self, day: date) -> float:
        share = (day - self.begins).days / (self.ends - self.begins).days
        return round(100 * min(max(share, 0.0), 1.0), 2)

    def bar(self, first: date, last: date) -> Bar:
        x = self.at(first)
        return Bar(x, round(min(max(self.at(last) - x, NARROWEST), 100 - x), 2))


def _row(activity: Activity, course: Course, today: date, scale: _Scale) -> Row:
    start, due = activity.starts_on or activity.due_on, activity.due_on or activity.starts_on
    planned = scale.bar(start, max(due, start)) if start and due else None
    end = course.ended_on or (today if activity.state not in OVER else None)
    late_from = due if is_late(activity, course, today) else None
    happened = None
    if course.began_on and end:
        until = min(end, late_from) if late_from else end
        happened = scale.bar(course.began_on, until) if course.began_on < until else None
        happened = happened or (None if late_from else scale.bar(course.began_on, end))
    late = scale.bar(max(late_from, course.began_on or late_from), end) if late_from and end else None
    told = tuple(scale.at(day) for day in course.told_on if scale.begins <= day < scale.ends)
    return Row(activity, course, planned, happened, late, told)


def _ticks(scale: _Scale) -> list[tuple[float, date]]:
    span = relativedelta(scale.ends, scale.begins)
    months = span.years * 12 + span.months
    step = next((step for step in STEPS if months / step <= MOST_TICKS), STEPS[-1])
    days = [scale.begins + relativedelta(months=n) for n in range(0, months, step)]
    return [(scale.at(day), day) for day in days]
