"""What the page behind a personal link asks about her plan: more than a state, and photos."""

import io

import pytest
import sqlalchemy as sa
from pictures import PDF, from_a_phone

from trainingapp.db import db
from trainingapp.files.models import FileContent
from trainingapp.plans.models import Activity, Indicator
from trainingapp.plans.progress_models import (
    ActivityReport,
    Blocker,
    Evidence,
    EvidenceLevel,
    IndicatorValue,
    ProgressUpdate,
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
