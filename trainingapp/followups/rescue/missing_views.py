"""URL to action to page: who has not answered a wave."""

from typing import Any

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from trainingapp import countries
from trainingapp.followups import loading
from trainingapp.followups.blueprint import SEE, bp
from trainingapp.followups.outcomes import Outcome
from trainingapp.followups.rescue import missing
from trainingapp.programmes.roles import Permission, can, needs


@bp.get("/waves/<int:wave_id>/missing")
@needs(SEE)
def who_is_missing(wave_id: int) -> ResponseReturnValue:
    found = loading.wave(wave_id, SEE)
    asked, code = request.args.get("country", ""), request.args.get("known", "")
    country = asked if countries.exists(asked) else None
    known = Outcome(code) if code in set(missing.MISSING) else None
    chosen: dict[str, Any] = {"country": country, "known": known}

    def link(**changes: Any) -> str:
        args = {name: value for name, value in {**chosen, **changes}.items() if value}
        return url_for("followups.who_is_missing", wave_id=found.id, **args)

    by_country = missing.by_country(found)
    return render_template(
        "followups/missing.html",
        cohort=found.schedule.cohort,
        wave=found,
        countries=by_country,
        known=[one for one in missing.MISSING if any(line.missing[one] for line in by_country.values())],
        page=missing.page(found, country, known, request.args.get("after"), request.args.get("before")),
        chosen=chosen,
        link=link,
        may_export=can(Permission.SEE_PEOPLE, found.schedule.cohort.theme.programme_id),
    )
