"""IATI details, the file of a programme, and files of others on the screen."""

import io
from datetime import UTC, date, datetime

import pytest
import sqlalchemy as sa
from iati_files import GOOD, changed, many
from impact_rows import THEN, fed, frame_indicator, tell

from trainingapp.accounts.models import AuditEntry
from trainingapp.cohorts.models import CohortPartner, PartnerRole
from trainingapp.db import db
from trainingapp.impact.frames.models import FrameIndicator
from trainingapp.impact.iati import judging
from trainingapp.impact.iati.models import IatiDetails, PartnerIdentity, YearBudget
from trainingapp.impact.references.models import (
    ReferenceActivity,
    ReferenceFile,
    ReferenceIndicator,
    ReferenceLink,
)
from trainingapp.programmes.frame_models import FrameItem, FrameKind, ReferenceFrame
from trainingapp.programmes.models import Role

PARTNER = "Fund for Weavers"


@pytest.fixture
def programme(make):
    return make.programme(description="Weavers learn to keep cost records.")


@pytest.fixture
def cohort(make, programme):
    return make.cohort(make.theme(programme, year=2023), name="First")


def sign_in(client, make, programme, *roles):
    user = make.user(*((programme, role) for role in roles))
    db.session.commit()
    client.sign_in(user)
    return user


@pytest.fixture
def coordinator(client, make, programme):
    return sign_in(client, make, programme, Role.COORDINATOR, Role.ORGANISER)


def page(client, address):
    response = client.get(address)
    assert response.status_code == 200
    return response.text


DETAILS = {
    "organisation_name": "Office for Weavers",
    "organisation_ref": "XM-EX-1",
    "organisation_type": "10",
    "sector": "32130",
    "aid_type": "D02",
    "collaboration": "8",
    "flow": "10",
    "finance": "110",
    "tied": "5",
    "language": "en",
    "currency": "USD",
    "sdgs": "9, 9.3",
    "contact_email": "iati@example.org",
}


def save(client, programme, **changes):
    return client.post(f"/impact/programmes/{programme.id}/iati", data={**DETAILS, **changes})


def send(client, file, name="theirs.xml"):
    data = {"file": (io.BytesIO(file.encode() if isinstance(file, str) else file), name)}
    return client.post("/impact/references/new", data=data, content_type="multipart/form-data")


def test_what_is_missing_is_named_with_where_to_fill_it_and_then_the_file_is_valid(
    client, make, programme, coordinator, cohort
):
    address = f"/impact/programmes/{programme.id}/iati"
    assert "the identifier of the organisation" in page(client, address)
    refused = client.post(f"{address}.xml")
    assert refused.status_code == 422
    assert "No file was made" in refused.text
    assert save(client, programme).status_code == 303
    assert "Nothing is missing" in page(client, address)
    file = client.post(f"{address}.xml")
    assert file.mimetype == "application/xml"
    verdict = judging.judged(io.BytesIO(file.data), datetime.now(UTC))
    assert verdict.shown == {"accepted": True, "activities": 2, "left_out": 0, "problems": [], "warnings": []}


def test_partners_and_budgets_are_kept_and_what_was_typed_stays_when_it_is_odd(
    client, make, programme, coordinator, cohort
):
    make.add(CohortPartner(cohort_id=cohort.id, name=PARTNER, role=PartnerRole.FUNDER))
    db.session.commit()
    lines = {
        "partners-0-name": PARTNER,
        "partners-0-ref": "XM-EX-9",
        "partners-0-type": "60",
        "budgets-0-year": "2023",
        "budgets-0-amount": "120000.50",
        "budgets-0-is_committed": "y",
        "budgets-1-year": "",
        "budgets-1-amount": "",
    }
    assert save(client, programme, **lines).status_code == 303
    assert db.session.scalars(sa.select(PartnerIdentity)).one().ref == "XM-EX-9"
    assert db.session.scalars(sa.select(YearBudget)).one().is_committed
    xml = client.post(f"/impact/programmes/{programme.id}/iati.xml").text
    assert '<participating-org role="1" ref="XM-EX-9" type="60">' in xml
    assert ">120000.50</value>" in xml
    odd = {"budgets-0-amount": "a lot", "partners-0-ref": "the fund", "sdgs": "9.33"}
    version = {"version": db.session.scalars(sa.select(IatiDetails)).one().version}
    refused = save(client, programme, **{**lines, **odd, **version})
    assert refused.status_code == 422
    for word in ("a lot", "the fund", "9.33", "in digits", "begins with a country"):
        assert word in refused.text
    gone = save(client, programme, **{**lines, **version, "budgets-0-year": "", "budgets-0-amount": ""})
    assert gone.status_code == 303
    assert db.session.scalars(sa.select(YearBudget)).all() == []


def test_a_year_that_stands_in_two_lines_is_refused_and_none_of_them_is_dropped(
    client, make, programme, coordinator
):
    lines = {"budgets-0-year": "2024", "budgets-0-amount": "100", "budgets-1-year": "2024"}
    refused = save(client, programme, **lines, **{"budgets-1-amount": "900"})
    assert refused.status_code == 422
    assert "2024 stands in two lines" in refused.text
    assert db.session.scalars(sa.select(YearBudget)).all() == []


def test_of_two_who_save_at_once_the_second_looks_again(client, make, programme, coordinator):
    assert save(client, programme).status_code == 303
    first = db.session.scalars(sa.select(IatiDetails)).one().version
    assert save(client, programme, version=first, organisation_name="One").status_code == 303
    stale = save(client, programme, version=first, organisation_name="Two")
    assert stale.status_code == 409
    assert "Two" in stale.text


def test_a_coordinator_may_take_the_file_but_not_say_who_reports(client, make, programme):
    sign_in(client, make, programme, Role.COORDINATOR)
    assert save(client, programme).status_code == 403
    assert "Save details" not in page(client, f"/impact/programmes/{programme.id}/iati")


def test_a_file_of_others_comes_in_whole_with_its_results_and_every_language(
    client, make, programme, coordinator
):
    assert "No file has come in yet" in page(client, "/impact/references/")
    assert send(client, GOOD).status_code == 303
    activity = db.session.scalars(sa.select(ReferenceActivity)).one()
    assert activity.titles == {"en": "Cost records", "fr": "Comptes"}
    assert activity.countries == [["NP", "33.33"], ["BT", "66.67"]]
    assert activity.sdgs == ["9.3"]
    people, said = db.session.scalars(sa.select(ReferenceIndicator).order_by(ReferenceIndicator.position))
    assert people.baselines[0]["value"] == "-5"
    assert people.baselines[0]["dimensions"] == [["sex", "female"]]
    assert [period["targets"][0]["value"] for period in people.periods] == ["10", "20"]
    assert not people.is_ascending
    assert said.periods[0]["actuals"] == [{"value": None, "dimensions": [], "comment": "Good"}]
    shown = page(client, f"/impact/references/{activity.id}")
    for word in ("Cost records", "Comptes", "33.33 %", "12.5", "female", "less is better", "Good"):
        assert word in shown
    assert "Cost records" in page(client, "/impact/references/?q=office")
    assert "Nothing fits" in page(client, "/impact/references/?q=nothing")


def test_a_file_with_remarks_of_its_maker_comes_in(client, make, programme, coordinator):
    remarked = changed("<iati-identifier>", "<iati-identifier><!-- ours -->")
    assert (
        send(client, remarked.replace("<iati-activity ", "<!-- made by hand --><iati-activity ")).status_code
        == 303
    )
    assert db.session.scalars(sa.select(ReferenceActivity.identifier)).all() == ["XM-EX-1-A1"]


def test_the_same_activity_again_is_a_new_version_and_the_old_one_stays(client, make, programme, coordinator):
    send(client, GOOD)
    send(client, changed('value="12.5"', 'value="13"'))
    old, new = db.session.scalars(sa.select(ReferenceActivity).order_by(ReferenceActivity.version))
    assert (old.version, old.is_latest, new.version, new.is_latest) == (1, False, 2, True)
    assert "12.5" in page(client, f"/impact/references/{old.id}")
    assert "A newer version came in" in page(client, f"/impact/references/{old.id}")
    assert page(client, "/impact/references/").count(">Cost records</a>") == 1


@pytest.mark.parametrize("words", ["Écoles", "écoles", "ecoles pour", "XM-EX-1"])
def test_an_activity_is_found_by_its_title_with_capitals_and_accents(
    client, make, programme, coordinator, words
):
    send(client, changed("Cost records", "Écoles POUR Été"))
    assert "Écoles POUR Été</a>" in page(client, f"/impact/references/?q={words}")
    assert "Nothing fits" in page(client, "/impact/references/?q=_")


def test_of_a_file_with_one_broken_activity_nothing_comes_in_and_the_line_is_said(
    client, make, programme, coordinator
):
    refused = send(client, many(20, broken=7))
    assert refused.status_code == 422
    assert "XM-EX-1-A7" in refused.text
    assert "The order is fixed" in refused.text
    assert db.session.scalars(sa.select(ReferenceFile)).all() == []
    assert send(client, b"").status_code == 422
    with client.post(
        "/impact/references/new",
        data=b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.xml"\r\n\r\n'
        + b" " * 4_000_001
        + b"\r\n--x--\r\n",
        content_type="multipart/form-data; boundary=x",
    ) as too_large:
        assert "import-iati" in too_large.text
    assert client.post("/impact/references/new").status_code == 422


def test_theirs_stand_beside_ours_by_tag_or_by_hand_and_change_no_figure(
    client, make, programme, coordinator, cohort
):
    ours = frame_indicator(make)
    for _number in range(5):
        tell(*fed(make, ours, cohort), 4)
    db.session.commit()
    address = f"/impact/programmes/{programme.id}/results/{ours.id}?level=claimed"
    before = page(client, address)
    assert "Beside ours" not in before
    send(client, GOOD)
    theirs = db.session.scalars(sa.select(ReferenceIndicator).order_by(ReferenceIndicator.position)).first()
    put = f"/impact/references/{theirs.activity_id}/beside"
    assert client.post(put, data={"indicator": theirs.id, "to": ours.id}).status_code == 303
    assert client.post(put, data={"indicator": theirs.id, "to": ours.id}).status_code == 422
    after = page(client, address)
    assert "put here by hand" in after
    assert after.split("Beside ours")[0].count("<b>20</b>") == before.count("<b>20</b>")
    send(client, changed('value="12.5"', 'value="13"'))  # the link goes on to the new version
    assert "<b>13</b>" in page(client, address)
    link = db.session.scalars(sa.select(ReferenceLink).where(ReferenceLink.ended_at.is_(None))).one()
    assert client.post(f"/impact/reference-links/{link.id}/end").status_code == 303
    assert "Beside ours" not in page(client, address)


def test_an_indicator_of_the_sdgs_finds_those_that_name_its_target(client, make, programme, coordinator):
    facts = {"key": "sdg", "name": "SDG", "source": "Ours", "loaded_at": THEN, "valid_from": date(2016, 1, 1)}
    frame = make.add(ReferenceFrame(kind=FrameKind.SDG, **facts))
    item = make.add(FrameItem(frame_id=frame.id, code="9.3", text="Small firms", position=1))
    line = {"code": "9.3.2", "name": "Loans", "counted_in": "loans", "position": 1}
    ours = make.add(FrameIndicator(frame_id=frame.id, item_id=item.id, **line))
    db.session.commit()
    send(client, GOOD)
    address = f"/impact/programmes/{programme.id}/results/{ours.id}"
    assert page(client, address).count("names the same SDG target") == 2
    send(client, GOOD)
    assert page(client, address).count("names the same SDG target") == 2


def test_the_list_costs_the_same_whatever_came_in(client, make, programme, coordinator):
    send(client, GOOD)
    page(client, "/impact/references/")
    few = client.statements("/impact/references/")
    send(client, many(40))
    assert client.statements("/impact/references/") == few


def test_the_trail_says_who_brought_in_and_who_took_out(client, make, programme, coordinator):
    send(client, GOOD)
    save(client, programme)
    client.post(f"/impact/programmes/{programme.id}/iati.xml")
    assert {"brought in", "saved", "iati exported"} <= set(db.session.scalars(sa.select(AuditEntry.verb)))
