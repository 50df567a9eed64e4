"""What the page behind a personal link asks about her plan: more than a state, and photos."""

import io
from datetime import timedelta

import pytest
import sqlalchemy as sa
from factories import NOW
from pictures import PDF, from_a_phone

from trainingapp.cases import library
from trainingapp.cases.models import Material
from trainingapp.db import db
from trainingapp.files import actions as files
from trainingapp.files.models import FileContent
from trainingapp.plans import actions as plans
from trainingapp.plans.models import ActionPlan, Activity, ActivityState, Indicator
from trainingapp.plans.progress.actions import Said
from trainingapp.plans.progress.models import (
    ActivityReport,
    Blocker,
    Evidence,
    EvidenceLevel,
    IndicatorValue,
    ProgressUpdate,
    Source,
)


@pytest.fixture
def place(client, make):
    """The page's address; she has two activities and an indicator."""
    enrolment = make.enrolment(state="completed")
    plan = make.planned(enrolment, "Agree a price", "Train weavers")
    make.add(Indicator(plan_id=plan.id, position=1, name="Weavers with records", unit="weavers", target=40))
    _invitation, token = make.asked(enrolment)
    db.session.commit()
    return client.get(f"/r/{token}").location


@pytest.fixture
def names(place):
    activities = db.session.scalars(sa.select(Activity.id).order_by(Activity.position)).all()
    return [
        *(f"a-{number}" for number in activities),
        f"i-{db.session.scalars(sa.select(Indicator.id)).one()}",
    ]


def send(client, place, data, do="send"):
    return client.post(place, data={**data, "do": do}, content_type="multipart/form-data")


def reports():
    return db.session.scalars(sa.select(ActivityReport).order_by(ActivityReport.id)).all()


def test_she_says_how_much_is_in_the_way_and_shows_it(client, place, names):
    price, _train, weavers = names
    photo = (io.BytesIO(from_a_phone()), "IMG.jpg")
    data = {price: "blocked", f"{price}-percent": "40", f"{price}-blocker": "market", f"{price}-wants": "1"}
    assert send(client, place, {**data, f"{price}-file": photo, weavers: "17"}).status_code == 303
    (report,) = reports()
    assert (report.percent, report.blocker, report.wants_help) == (40, Blocker.MARKET, True)
    assert report.evidence == EvidenceLevel.DOCUMENTED
    assert db.session.scalars(sa.select(IndicatorValue.value)).one() == 17
    assert b"Exif" not in db.session.scalars(sa.select(FileContent.data)).one()


def test_a_photo_saved_half_way_is_there_when_she_comes_back_and_can_be_taken_back(client, place, names):
    price = names[0]
    send(client, place, {price: "done", f"{price}-file": (io.BytesIO(PDF), "list.pdf")}, do="stop")
    assert "list.pdf" in client.get(place).text
    again = {price: "done", f"{price}-file": (io.BytesIO(PDF), "list.pdf")}
    send(client, place, again, do="stop")
    (number,) = db.session.scalars(sa.select(Evidence.id)).all()
    send(client, place, {price: "done", "take-back": str(number)})
    assert db.session.scalar(sa.select(sa.func.count(Evidence.id))) == 0
    assert reports()[0].evidence == EvidenceLevel.CLAIMED


def test_a_file_that_is_refused_loses_nothing_else(client, place, names):
    price, train, _weavers = names
    page = send(
        client, place, {price: "done", train: "blocked", f"{price}-file": (io.BytesIO(b"MZ"), "x.jpg")}
    )
    assert page.status_code == 422
    assert "none of them" in page.text
    assert [report.state for report in reports()] == ["done", "blocked"]


def test_a_seventh_file_on_a_line_is_said_there_and_loses_nothing(client, place, names):
    price, train, _weavers = names
    files = [(io.BytesIO(PDF + bytes([number])), f"{number}.pdf") for number in range(7)]
    send(client, place, {price: "done", f"{price}-file": files[:4]}, do="stop")
    page = send(client, place, {price: "done", train: "blocked", f"{price}-file": files[4:]})
    assert page.status_code == 422
    assert "Up to 6 photos, files and links fit on one line." in page.text
    assert [report.state for report in reports()] == ["done", "blocked"]
    assert db.session.scalar(sa.select(sa.func.count(Evidence.id))) == 4


def test_what_is_changed_after_sending_is_a_new_report_beside_the_first(client, place, names):
    price, train, weavers = names
    send(client, place, {price: "done", f"{price}-note": "Signed.", train: "not_started", weavers: "5"})
    page = client.get(f"{place}?change=1").text
    stamp = page.split('name="changes" value="')[1].split('"')[0]
    assert "Signed." in page
    data = {price: "done", f"{price}-note": "Signed.", train: "on_track", weavers: "6", "changes": stamp}
    assert send(client, place, data).status_code == 303
    first, second = db.session.scalars(sa.select(ProgressUpdate).order_by(ProgressUpdate.id)).all()
    assert second.corrects_id == first.id
    said = [(report.update_id, report.state, report.is_latest) for report in reports()]
    assert said == [
        (first.id, "done", True),
        (first.id, "not_started", False),
        (second.id, "on_track", True),
    ]
    page = client.get(f"{place}?change=1").text
    assert "Signed." in page


def test_a_photo_without_a_state_waits_for_the_state(client, place, names):
    price = names[0]
    page = send(client, place, {f"{price}-file": (io.BytesIO(PDF), "list.pdf")})
    assert page.status_code == 422
    assert "Say also how it stands" in page.text
    assert "list.pdf" in client.get(place).text
    assert send(client, place, {price: "done"}).status_code == 303
    assert reports()[0].evidence == EvidenceLevel.DOCUMENTED


def solved(make, cohort, name):
    """Somebody who was stuck for want of a market, and got over it."""
    plan = make.planned(make.alumna(cohort, name), "Rent a stall", submitted_at=NOW)
    activity = db.session.scalars(sa.select(Activity).where(Activity.plan_id == plan.id)).one()
    for days, said in (0, Said(ActivityState.BLOCKED, blocker=Blocker.MARKET)), (9, Said(ActivityState.DONE)):
        plans.report(plan, Source.SELF, NOW + timedelta(days=days), activities=[(activity, said)])
    return activity


def test_whoever_is_stuck_sees_behind_her_link_who_got_over_the_same_and_agreed(client, make, place, names):
    cohort = db.session.scalars(sa.select(ActionPlan)).one().enrolment.cohort
    agreed, _silent = (solved(make, cohort, name) for name in ("Karma Stoneford", "Tashi Quietwater"))
    programme_id = cohort.theme.programme_id
    library.consent(agreed, programme_id, "May we show it?", NOW, is_given=True)
    to_read = {"blockers": ["market"], "languages": ["en"], "added_by_id": make.user().id, "added_at": NOW}
    kept = files.keep(PDF, "selling.pdf", NOW)
    paper = make.add(Material(programme_id=programme_id, title="Selling", file_id=kept.id, **to_read))
    db.session.commit()
    send(client, place, {names[0]: "blocked", f"{names[0]}-blocker": "market"})
    text = client.get(place).text
    assert "Karma Stoneford" in text
    assert "Tashi Quietwater" not in text
    assert client.get(f"{place}/material/{paper.id}").data == PDF
