"""Where the dots of an indicator's chart lie: across in percent of its width, down in pixels."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from trainingapp.plans.gantt import AFTER
from trainingapp.plans.models import Indicator
from trainingapp.plans.progress.models import IndicatorValue

HEIGHT = 112  # pixels, axis included; labels of days stand below
TOP = 20  # room for the number over the highest dot
SIDE = 4.0  # percent left free at both ends, so that numbers are not cut


@dataclass(frozen=True)
class Dot:
    x: float
    y: float
    value: IndicatorValue
    day: date
    counts: bool  # it is shown as well as the reader asks for


@dataclass(frozen=True)
class Chart:
    begins_on: date
    ends_on: date
    dots: list[Dot]
    baseline: float | None  # how far down its line lies
    target: float | None
    today: float | None
    starts_at_zero: bool


def draw(
    indicator: Indicator,
    values: Sequence[tuple[date, IndicatorValue]],
    begins: date,
    today: date,
    counted: set[int],
) -> Chart | None:
    """None with nothing to draw. `values` are in the order of time; `counted` are ids of those that count."""
    aims = [number for number in (indicator.baseline, indicator.target) if number is not None]
    if not values:
        return None
    numbers = [*aims, *(value.value for _day, value in values)]
    low, high = min(numbers), max(numbers)
    starts_at_zero = low >= 0 and low <= high / 2
    low = Decimal(0) if starts_at_zero else low
    days = [begins, *(day for day, _value in values), indicator.counted_on or begins]
    first, reach = min(days), max(days)
    last = max(reach, min(today, reach + AFTER))

    def across(day: date) -> float:
        share = (day - first).days / max((last - first).days, 1)
        return round(SIDE + (100 - 2 * SIDE) * share, 2)

    def down(number: Decimal) -> float:
        share = float((number - low) / (high - low)) if high > low else 0.5
        return round(HEIGHT - (HEIGHT - TOP) * share, 1)

    dots = [Dot(across(day), down(value.value), value, day, value.id in counted) for day, value in values]
    return Chart(
        first,
        last,
        dots,
        None if indicator.baseline is None else down(indicator.baseline),
        None if indicator.target is None else down(indicator.target),
        across(today) if today <= last else None,
        starts_at_zero,
    )
