"""Pages of impact: what a coordinator does there, and what a viewer sees."""

import io
from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa
from clients import counting
from impact_rows import DAY, THEN, fed, frame_indicator, tell

from trainingapp.cohorts.models import EnrolmentState
from trainingapp.db import db
from trainingapp.impact import queries
from trainingapp.impact.frames import lists, standings
from trainingapp.impact.frames import queries as frame_queries
from trainingapp.impact.frames.models import CountryGroup, FrameIndicator, FrameLine, FrameValue
from trainingapp.impact.models import Feed
from trainingapp.impact.publication.models import Publication
from trainingapp.impact.scope import Scope
from trainingapp.plans.progress.models import EvidenceLevel
from trainingapp.programmes import frames
from trainingapp.programmes.frame_models import ReferenceFrame
from trainingapp.programmes.models import Role
from trainingapp.reports.sections import SECTIONS, About


@pytest.fixture
def programme(make):
    return make.programme()


@pytest.fixture
def coordinator(client, make, programme):
    user = make.user((programme, Role.COORDINATOR))
    db.session.commit()
    client.sign_in(user)
    return user


@pytest.fixture
def cohort(make, programme):
    return make.cohort(
        make.theme(programme, year=2023), starts_on=date(2023, 7, 3), ends_on=date(2023, 7, 14)
    )


def page(client, address):
    answer = client.get(address, follow_redirects=True)
    assert answer.status_code == 200, address
    return answer.text


def asean(make):
    frames.ship(THEN)
    lists.ship(THEN)
    db.session.commit()
    return db.session.scalars(sa.select(ReferenceFrame).where(ReferenceFrame.key == "sap-smed")).one()


def bring_in(client, frame, text):
    data = {"file": (io.BytesIO(text.encode()), "list.csv")}
    return client.post(f"/impact/frames/{frame.id}/list", data=data)


def test_a_plan_is_linked_counted_opened_to_its_row_and_taken_off_again(
    client, make, programme, coordinator, cohort
):
    to = frame_indicator(make)
    plan, indicator = fed(make, to, cohort, link=False)
    tell(plan, indicator, 12)
    db.session.commit()
    assert indicator.name in page(client, f"/impact/programmes/{programme.id}/unlinked")
    address = f"/impact/indicators/{indicator.id}"
    empty = client.post(address, data={"to": to.id})
    assert empty.status_code == 422
    client.post(address, data={"to": to.id, "contribution": "She found the room."})
    shown = page(client, f"/impact/programmes/{programme.id}/results/{to.id}?by=theme")
    assert "She found the room." in shown
    assert plan.enrolment.participant.full_name in shown
    assert ">12<" in page(client, f"/impact/programmes/{programme.id}")
    feed = db.session.scalars(sa.select(Feed)).one()
    client.post(f"/impact/feeds/{feed.id}/end")
    assert ">12<" not in page(client, f"/impact/programmes/{programme.id}")


def test_what_a_plan_does_not_state_is_a_dash_on_pages_and_in_reports(
    client, make, programme, coordinator, cohort
):
    to = frame_indicator(make)
    for number in range(5):
        tell(*fed(make, to, cohort, baseline=None if number else 3, target=None), 12)
    db.session.commit()
    for address in ("", f"/results/{to.id}?by=theme"):
        shown = page(client, f"/impact/programmes/{programme.id}{address}")
        assert "<b>60</b>" in shown
        assert ">–<" in shown
        assert "to 0<" not in shown
    about = About(programme, None, Scope(programme.id, DAY), EvidenceLevel.CLAIMED, "en")
    told = SECTIONS["impact"].tell(about)
    row = [cell["text"] for cell in told.pieces[0]["rows"][0]]
    assert row[2:] == ["–", "60", "–", "–"]
    assert [str(one) for one in told.sentences] == ["5 plans report 60 firms together."]


def test_another_unit_is_refused_with_both_words_and_what_was_typed_stays(
    client, make, programme, coordinator, cohort
):
    to = frame_indicator(make)
    _plan, indicator = fed(make, to, cohort, unit="litres", link=False)
    db.session.commit()
    refused = client.post(
        f"/impact/indicators/{indicator.id}", data={"to": to.id, "contribution": "She found the scale."}
    )
    assert refused.status_code == 422
    assert "“litres”" in refused.text
    assert "She found the scale." in refused.text


def test_a_viewer_sees_what_is_published_and_never_a_person_or_fewer_than_five(
    client, make, programme, coordinator, cohort
):
    to = frame_indicator(make)
    for code in ("NP", "NP", "NP", "NP", "NP", "BT"):
        tell(*fed(make, to, cohort, country=code), 3)
    small = make.cohort(make.theme(programme, year=2022), name="Tiny", starts_on=date(2022, 7, 3))
    make.enrolment(small, state=EnrolmentState.COMPLETED, enrolled_at=THEN)
    names = [person.full_name for person in db.session.scalars(sa.select(make.Participant))]
    viewer = make.user((programme, Role.VIEWER))
    db.session.commit()
    form = {"title": "So far", "on": DAY.isoformat()}
    assert "Only editions" not in page(client, f"/impact/programmes/{programme.id}/publish")
    narrowed = page(client, f"/impact/programmes/{programme.id}/publish?from=2022")
    assert "Only editions from 2022 to the last year are in it" in narrowed
    client.post(f"/impact/programmes/{programme.id}/publish?level=claimed", data=form)
    late = client.post(
        f"/impact/programmes/{programme.id}/publish",
        data={"title": "Today", "on": datetime.now(UTC).date().isoformat()},
    )
    assert late.status_code == 422
    client.sign_in(viewer)
    assert "So far" in page(client, "/impact/")
    publication = db.session.scalars(sa.select(Publication)).one()
    shown = page(client, f"/impact/publications/{publication.id}")
    assert ">18<" in shown
    assert "Tiny" not in shown
    assert "hidden: fewer than five" in shown
    assert not [name for name in names if name in shown]
    assert client.get(f"/impact/programmes/{programme.id}").status_code == 403
    client.sign_in(coordinator)
    client.post(f"/impact/publications/{publication.id}/withdraw")
    client.sign_in(viewer)
    assert client.get(f"/impact/publications/{publication.id}").status_code == 404


def test_a_list_comes_in_whole_or_not_at_all_and_says_in_which_row(app, client, make, coordinator):
    frame = asean(make)
    head = "code,name,goal,rank,unit,counted_in,also_called\n"
    good = f"{head}K1,Share of loans,B-2,main,%,loans,loan; credits\n"
    good += "O1,Courses held,E-2,operational,courses,,\n"
    assert bring_in(client, frame, good).status_code == 302
    kept = {one.code: one for one in frame_queries.indicators_of(frame)}
    assert set(kept) == {"K1", "O1"}
    assert kept["K1"].also_called == ["loan", "credits"]
    bad = bring_in(client, frame, head + "K1,Changed,B-2,main,%,loans,\nK2,Nowhere,Z-9,main,%,,\n")
    assert bad.status_code == 422
    assert "Row 3" in bad.text
    db.session.expire_all()
    assert {one.name for one in frame_queries.indicators_of(frame)} == {"Share of loans", "Courses held"}
    lines = "code,text,goal,champion,partners,report_due_on\nL1,One desk,B-1,Malaysia,Japan,2024-06-30\n"
    assert bring_in(client, frame, lines).status_code == 302
    assert db.session.scalars(sa.select(FrameLine)).one().champion == "MY"
    assert bring_in(client, frame, "something,else\n1,2\n").status_code == 422
    endless = bring_in(client, frame, f"code,name,unit\n{'K' * 21},Endless,%\n")
    assert endless.status_code == 422
    assert "Row 2" in endless.text


def test_a_code_of_thirty_letters_is_refused_with_its_row(app, client, make, coordinator):
    frame = asean(make)
    answer = bring_in(client, frame, f"code,name,unit\nK1,Loans,%\n{'K' * 30},Courses,courses\n")
    assert answer.status_code == 422
    assert "Row 3" in answer.text


def test_a_long_list_asks_as_often_as_a_short_one(app, make):
    frame = asean(make)

    def asked(many):
        lines = "".join(f"L{many}-{n},Line {n},B-1,Malaysia,\n" for n in range(many))
        with counting() as statements:
            lists.load(frame, f"code,text,goal,champion,indicator\n{lines}".encode(), None, THEN)
        return sum("INSERT" not in str(one) for one in statements)

    assert asked(40) <= asked(2) + 1


def test_a_round_holds_what_each_country_gave_its_gaps_and_no_average(app, client, make, coordinator):
    frame = asean(make)
    made = client.post(
        f"/impact/frames/{frame.id}/rounds/new", data={"name": "Update", "due_on": "2027-01-31"}
    )
    assert (
        client.post(
            f"/impact/frames/{frame.id}/rounds/new", data={"name": "Update", "due_on": "2027-01-31"}
        ).status_code
        == 422
    )
    values = (
        "round,indicator,country,value,year,definition,source\n"
        "Update,K1,Indonesia,19.9,2022,Up to 100 workers,Central bank\n"
        "Update,K1,Malaysia,47.8,2021,Up to 200 workers,Central bank\n"
        "Update,K1,Laos,,,,\n"
    )
    assert bring_in(client, frame, values).status_code == 302
    shown = page(client, made.location)
    assert "2 of 3 countries gave a value" in shown
    assert "2 definitions" in shown
    assert "Gap" in shown
    assert "33.85" not in shown
    unfounded = bring_in(client, frame, values.replace("47.8,2021", "47.9,"))
    assert unfounded.status_code == 422
    indicator = db.session.scalars(sa.select(FrameIndicator).where(FrameIndicator.code == "K1")).one()
    corrected = {
        "indicator": indicator.id,
        "country": "ID",
        "value": "20.5",
        "year": "2022",
        "source": "Bank",
    }
    address = made.location.replace("rounds", "rounds") + "/values/new"
    assert client.post(address, data=corrected).status_code == 302
    assert "20.5" in page(client, made.location)
    given = sa.select(sa.func.count()).where(FrameValue.country == "ID")
    assert db.session.scalar(given) == 2
    other_digits = {**corrected, "country": "MY", "value": "٤٨", "year": "٢٠٢٣"}
    assert client.post(address, data=other_digits).status_code == 302
    assert db.session.scalars(sa.select(FrameValue.year).order_by(FrameValue.id.desc())).first() == 2023
    for odd in ("20a4", "24", "0000"):
        gap = client.post(address, data={**corrected, "value": "", "year": odd})
        assert gap.status_code == 422
        assert "four digits" in gap.text


def test_a_frame_says_what_is_not_confirmed_and_what_follows_it(app, client, make, coordinator):
    frame = asean(make)
    shown = page(client, f"/impact/frames/{frame.id}")
    assert "not confirmed" in shown
    assert "no frame that follows it is loaded" in shown
    frames.load(
        """[[frame]]
        key = "next"
        kind = "goals"
        name = "The plan after it"
        follows = "sap-smed"
        valid_from = 2026-01-01
        source = "Test"
        items = [{ code = "1", text = "One" }]""",
        THEN,
    )
    db.session.commit()
    assert "The plan after it" in page(client, f"/impact/frames/{frame.id}")


def test_a_programme_without_people_is_told_the_next_step(client, programme, coordinator):
    fresh = page(client, f"/impact/programmes/{programme.id}")
    assert "Open the programme" in fresh
    assert "Count everything" not in fresh  # it would lead to this same page
    assert "Count everything" in page(client, f"/impact/programmes/{programme.id}?from=1999")


def test_what_came_with_the_product_says_what_follows(client, make, coordinator):
    frames.ship(THEN)
    db.session.commit()
    istanbul = db.session.scalars(sa.select(ReferenceFrame).where(ReferenceFrame.key == "ipoa")).one()
    assert "Doha Programme of Action" in page(client, f"/impact/frames/{istanbul.id}")


def test_least_developed_is_counted_as_of_each_first_day(app, make, programme):
    standings.ship()
    assert "BT" in standings.Standings(CountryGroup.LDC).on(date(2023, 12, 12))
    assert "BT" not in standings.Standings(CountryGroup.LDC).on(date(2023, 12, 13))
    for year, starts in ((2023, date(2023, 7, 3)), (2024, date(2024, 7, 3))):
        cohort = make.cohort(make.theme(programme, year=year), starts_on=starts, ends_on=starts)
        for code in ("BT", "BT", "NP", "ID"):
            make.enrolment(cohort, state=EnrolmentState.COMPLETED, country=code)
    editions = queries.programme(Scope(programme.id)).editions
    assert [(one.year, one.from_ldcs.k, one.from_ldcs.n) for one in editions] == [(2024, 1, 4), (2023, 3, 4)]


@pytest.mark.parametrize(
    "text",
    [
        "standing = 1",
        "standing = [1]",
        '[[standing]]\ngroup = "ldc"\ncountries = "Nepal"\nsource = "UN"',
        '[[standing]]\ngroup = "ldc"\ncountries = "NP NP"\nsource = "UN"',
        '[[standing]]\ngroup = "ldc"\ncountries = "NP"\nsource = "UN"\nuntil = 2026-11-24T00:00:00Z',
    ],
)
def test_a_file_of_standings_comes_in_whole_or_says_what_it_cannot_read(app, text):
    standings.ship()
    before = standings.Standings(CountryGroup.LDC).on(date(2020, 1, 1))
    with pytest.raises(standings.StandingsUnreadable):
        standings.load(text)
    assert standings.Standings(CountryGroup.LDC).on(date(2020, 1, 1)) == before


def test_a_day_that_is_none_is_said_and_years_narrow_what_is_counted(
    client, make, programme, coordinator, cohort
):
    make.enrolment(cohort, state=EnrolmentState.COMPLETED, enrolled_at=THEN)
    db.session.commit()
    address = f"/impact/programmes/{programme.id}"
    assert "This day cannot be read" in page(client, f"{address}?on=31.06.2024")
    assert "Nobody had come yet" in page(client, f"{address}?from=2024")
    assert "Nobody had come yet" in page(client, f"{address}?on={THEN.date() - timedelta(days=1)}")
    assert "As the record stood" in page(client, f"{address}?on={DAY}")


def test_a_dashboard_asks_as_often_whatever_there_is(client, make, programme, coordinator, cohort):
    to = frame_indicator(make)
    address = f"/impact/programmes/{programme.id}"
    tell(*fed(make, to, cohort), 4)
    db.session.commit()
    client.get(address)
    few = client.statements(address)
    for _ in range(5):
        other = make.cohort(make.theme(programme, year=2022), starts_on=date(2022, 7, 3))
        tell(*fed(make, to, other), 4)
    db.session.commit()
    assert client.statements(address) == few


def test_tables_leave_as_files_without_a_person(client, make, programme, coordinator, cohort):
    to = frame_indicator(make)
    plan, indicator = fed(make, to, cohort)
    tell(plan, indicator, 4)
    db.session.commit()
    for table in ("editions", "results"):
        answer = client.post(f"/impact/programmes/{programme.id}/{table}.csv")
        assert answer.status_code == 200
        assert plan.enrolment.participant.full_name not in answer.text
