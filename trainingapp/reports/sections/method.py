"""How the figures were made, and what they cannot say."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from trainingapp.dates import day
from trainingapp.feedback.results import response_rates
from trainingapp.labels import label
from trainingapp.reports.pieces import cell, table, written
from trainingapp.reports.sections.contract import About, Section, Told, register
from trainingapp.statistics import SMALLEST_GROUP, TOO_FEW_FOR_PERCENT


@register
class Method(Section):
    key = "method"
    title = _l("Method and limits")
    hint = _l(
        "Add what readers must know besides: a change of staff, a wave that went wrong, a source that is "
        "weak."
    )

    def tell(self, about: About) -> Told:
        rows = [
            (
                _("Day"),
                _(
                    "Figures are as the record stood at the end of %(day)s (UTC). What was written down "
                    "later does not count. Where the record does not say how something stood that day, it "
                    "is called not recorded.",
                    day=day(about.scope.on),
                ),
            ),
            (
                _("Few people"),
                _(
                    "A rate stands beside its count, with the range in which the true value lies with 95%% "
                    "certainty (Wilson 1927). Below %(ten)s people no percentage is written. Where ranges "
                    "overlap, a difference may be chance.",
                    ten=written(TOO_FEW_FOR_PERCENT),
                ),
            ),
            (
                _("Privacy"),
                _(
                    "Nothing is told about fewer than %(five)s people, nor what would let a reader of this "
                    "report work it out. Reports of other days or years beside each other may tell more of "
                    "how many people and plans there were, never of answers. Groups that are too small are "
                    "told together. Nobody who took part is named.",
                    five=written(SMALLEST_GROUP),
                ),
            ),
            (
                _("Answers"),
                _(
                    "People answered by themselves, and those who answered may differ from those who did "
                    "not. Response is counted by the book: %(source)s. A wave is told once it has closed.",
                    source=response_rates.SOURCE,
                ),
            ),
            (
                _("Evidence"),
                _(
                    "What plans add up to counts from level %(rank)s of five up: %(level)s. The levels are: "
                    "claimed, explained, documented, confirmed by the supervisor, verified.",
                    rank=written(about.level.rank),
                    level=label(about.level),
                ),
            ),
            (
                _("Cause"),
                _(
                    "What changed after a course need not have changed because of it. How much people put "
                    "down to the programme was asked, and stands beside the figures."
                ),
            ),
        ]
        if undated := about.figures.undated:
            text = _("Of %(n)s plans the record does not say how they stood that day.", n=written(undated))
            rows.append((_("Gaps"), text))
        heads = [_("About"), _("How it was done")]
        return Told(
            [table(_("How to read the figures"), heads, [[cell(name), cell(text)] for name, text in rows])]
        )
