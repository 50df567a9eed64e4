"""The page behind a personal link, as a browser without script meets it."""

import gzip
import re
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from clients import counting

from trainingapp.accounts.models import AuditEntry
from trainingapp.config import ROOT
from trainingapp.db import db
from trainingapp.followups.models import Invitation, InvitationState, WaveState
from trainingapp.plans.models import Activity, ActivityState
from trainingapp.plans.progress.models import ActivityReport, ProgressUpdate
from trainingapp.responses.models import Answer, Response, ResponseState

FIVE = [
    "Agree one dye house with a written price",
    "Train 15 weavers in cost records",
    "Run an advice desk on Tuesdays",
    "Ask three banks for a loan with movable things as security",
    "Publish the price list of natural dyes every month",
]


@pytest.fixture
def alumna(make):
    """(invitation id, token, activity ids) of someone with five activities, six months later."""
    enrolment = make.enrolment(state="completed")
    plan = make.planned(enrolment, *FIVE)
    invitation, token = make.asked(enrolment)
    activities = list(
        db.session.scalars(
            sa.select(Activity.id).where(Activity.plan_id == plan.id).order_by(Activity.position)
        )
    )
    db.session.commit()
    return invitation.id, token, activities


def arrive(client, token) -> str:
    """Follows the link; the address of the page, and the cookie is in the client."""
    hop = client.get(f"/r/{token}")
    assert hop.status_code == 303
    return hop.location


def count(model, *where) -> int:
    return db.session.scalar(sa.select(sa.func.count()).select_from(model).where(*where))


def snapshot() -> dict[str, list]:
    return {
        table.name: [tuple(row) for row in db.session.execute(sa.select(table).order_by(*table.primary_key))]
        for table in db.metadata.sorted_tables
    }


def test_the_token_leaves_the_address_at_once(client, alumna):
    _, token, _ = alumna
    hop = client.get(f"/r/{token}")
    assert token not in hop.location
    cookie = hop.headers["Set-Cookie"]
    assert f"Path={hop.location}" in cookie
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    page = client.get(hop.location)
    assert page.status_code == 200
    assert token not in page.text
    for answer in (hop, page):
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Robots-Tag"] == "noindex"


def test_a_shared_phone_forgets_the_link_also_where_cookies_are_secure(app, client, alumna, monkeypatch):
    monkeypatch.setitem(app.config, "SESSION_COOKIE_SECURE", True)
    hop = client.get(f"/r/{alumna[1]}", base_url="https://localhost")
    left = client.post(f"{hop.location}/leave", base_url="https://localhost")
    assert left.status_code == 200, left.text
    (gone,) = (cookie for cookie in left.headers.getlist("Set-Cookie") if cookie.startswith("__Secure-link="))
    assert "Max-Age=0" in gone
    assert "Secure;" in gone
    assert client.get(hop.location, base_url="https://localhost").status_code == 410


def test_the_address_alone_opens_nothing(app, client, alumna):
    place = arrive(client, alumna[1])
    assert app.test_client().get(place).status_code == 410


def test_scanners_that_look_three_times_change_no_row(client, alumna):
    before = snapshot()
    for _ in range(3):
        for method in (client.get, client.head):
            place = method(f"/r/{alumna[1]}").location
            for address in (place, f"{place}?l=fr", f"{place}?change=1", f"{place}/saved", f"{place}/not-me"):
                assert method(address).status_code == 200
            assert method("/r/nobody").status_code == 410
    db.session.rollback()
    assert snapshot() == before


def test_the_page_greets_and_asks_about_her_own_activities_first(client, alumna):
    page = client.get(arrive(client, alumna[1])).text
    assert "how is your plan after 6 months?" in page
    assert "13 short questions. They take about 3 minutes." in page
    assert [page.index(what) for what in FIVE] == sorted(page.index(what) for what in FIVE)
    assert page.index(FIVE[-1]) < page.index("How often do you use something you learnt?")


def test_an_answer_is_sent_stored_and_thanked_for(client, alumna):
    number, token, (first, second, *_) = alumna
    place = arrive(client, token)
    sent = client.post(
        place,
        data={
            f"a-{first}": "blocked",
            f"a-{first}-note": "A dye house that writes down its price",
            f"a-{second}": "done",
            "q-use": "monthly",
            "q-boss_support": "4",
            "q-obstacles": ["money", "other"],
            "q-obstacles~other": "The bank withdrew",
            "q-shared": "1,200",
            "q-story": "She pays herself a wage.\nবাংলা",
        },
    )
    assert (sent.status_code, sent.location) == (303, place)
    thanks = client.get(place).text
    assert "Your answers are with us" in thanks
    assert f"You said that this is stuck: {FIVE[0]}" in thanks
    invitation = db.session.get(Invitation, number)
    assert invitation.state is InvitationState.ANSWERED
    response = db.session.scalar(sa.select(Response))
    assert (response.state, response.wave_id) == (ResponseState.SENT, invitation.wave_id)
    values = {
        (row.question.key, row.choice, row.number, row.text) for row in db.session.scalars(sa.select(Answer))
    }
    assert values == {
        ("use", "monthly", None, None),
        ("boss_support", "4", 4.0, None),
        ("obstacles", "money", None, None),
        ("obstacles", "other", None, "The bank withdrew"),
        ("shared", "", 1200.0, None),
        ("story", "", None, "She pays herself a wage.\nবাংলা"),
    }
    assert db.session.get(Activity, first).state is ActivityState.BLOCKED
    assert db.session.get(Activity, second).state is ActivityState.DONE
    assert db.session.get(ProgressUpdate, response.progress_update_id).reported_at is not None
    assert count(AuditEntry, AuditEntry.subject == "responses", AuditEntry.verb == "sent") == 1


def test_a_second_sending_shows_the_thank_you_and_changes_nothing(client, alumna):
    place = arrive(client, alumna[1])
    client.post(place, data={"q-use": "weekly"})
    again = client.post(place, data={"q-use": "never", "q-shared": "3"})
    assert again.status_code == 303
    assert count(Response) == 1
    assert [row.choice for row in db.session.scalars(sa.select(Answer))] == ["weekly"]


def test_she_may_change_what_she_sent_until_it_closes(client, alumna):
    _, token, (first, *_) = alumna
    place = arrive(client, token)
    client.post(place, data={"q-use": "weekly", f"a-{first}": "on_track"})
    form = client.get(f"{place}?change=1").text
    changes = re.search(r'name="changes" value="([^"]+)"', form)[1]
    assert re.search(r'value="weekly" checked', form)
    changed = {"q-use": "never", f"a-{first}": "done", "changes": changes}
    assert client.post(place, data=changed).status_code == 303
    assert [row.choice for row in db.session.scalars(sa.select(Answer))] == ["never"]
    assert count(ProgressUpdate) == 2, "the first report stands; a second is beside it"
    assert db.session.get(Activity, first).state is ActivityState.DONE
    client.post(place, data={**changed, "q-use": "rarely"})
    assert [row.choice for row in db.session.scalars(sa.select(Answer))] == ["never"], "an old page"


def test_a_draft_never_touches_what_was_sent(client, alumna):
    place = arrive(client, alumna[1])
    client.post(place, data={"q-use": "weekly"})
    assert client.post(f"{place}/draft", data={"only": "q-use", "q-use": "never"}).status_code == 409
    assert [row.choice for row in db.session.scalars(sa.select(Answer))] == ["weekly"]


def test_what_is_begun_is_kept_and_resumed_on_another_phone(app, client, alumna):
    number, token, (first, *_) = alumna
    place = arrive(client, token)
    client.post(f"{place}/draft", data={"only": "q-use", "q-use": "weekly"})
    client.post(f"{place}/draft", data={"only": f"a-{first}", f"a-{first}": "on_track"})
    assert db.session.get(Invitation, number).state is InvitationState.STARTED
    assert db.session.get(Activity, first).state is ActivityState.NOT_STARTED, "not before she sends"
    other = app.test_client()
    page = other.get(arrive(other, token)).text
    assert 'value="weekly" checked' in page
    assert 'value="on_track" checked' in page
    client.post(f"{place}/draft", data={"only": "q-use"})
    assert count(Answer) == 0, "an answer can be taken back"


def test_save_and_stop_without_script(client, alumna):
    place = arrive(client, alumna[1])
    stopped = client.post(place, data={"do": "stop", "q-use": "weekly", "q-shared": ""})
    assert stopped.location == f"{place}/saved"
    assert "Your answers so far are saved" in client.get(stopped.location).text
    assert db.session.scalar(sa.select(Response)).state is ResponseState.DRAFT


def test_what_cannot_be_read_is_said_at_the_question_and_nothing_is_lost(client, alumna):
    _, token, (first, *_) = alumna
    place = arrive(client, token)
    answer = client.post(
        place,
        data={
            "q-shared": "a few",
            "q-story": "Kept <b>",
            "q-use": "weekly",
            f"a-{first}-note": "only a note",
        },
    )
    assert answer.status_code == 422
    assert "“a few” cannot be read" in answer.text or "a few cannot be read as a number" in answer.text
    assert 'value="a few"' in answer.text
    assert "Kept &lt;b&gt;" in answer.text
    assert "only a note</textarea>" in answer.text
    assert 'href="#q-shared"' in answer.text
    assert db.session.scalar(sa.select(Response)).state is ResponseState.DRAFT


def test_a_required_answer_is_asked_for_with_everything_still_there(client, make):
    enrolment = make.enrolment(state="completed")
    one = make.question(is_required=True, wording={"en": "Your first step?"})
    two = make.question(one_version(one), kind="yes_no", wording={"en": "Begun?"})
    _, token = make.asked(enrolment, one_version(one))
    names = f"q-{one.key}", f"q-{two.key}"
    place = arrive(client, token)
    answer = client.post(place, data={names[1]: "yes"})
    assert answer.status_code == 422
    assert "This one needs an answer." in answer.text
    assert 'value="yes" checked' in answer.text
    assert client.post(f"{place}/draft", data={"only": names[0]}).status_code == 200
    assert client.post(place, data={names[0]: "A dryer", names[1]: "yes"}).status_code == 303


def one_version(question):
    from trainingapp.surveys.models import SurveyVersion

    return db.session.get(SurveyVersion, question.version_id)


def test_another_language_keeps_what_was_typed(client, alumna):
    place = arrive(client, alumna[1])
    french = client.post(place, data={"l": "fr", "q-use": "weekly", "q-shared": "beaucoup"})
    assert french.status_code == 200
    assert '<html lang="fr" dir="ltr">' in french.text
    assert "Chaque semaine" in french.text
    assert 'value="weekly" checked' in french.text
    assert 'value="beaucoup"' in french.text
    sent = client.post(place, data={"language": "fa_AF", "q-use": "weekly"})
    assert sent.location == f"{place}?l=fa_AF"
    assert 'dir="rtl"' in client.get(sent.location).text
    assert db.session.scalar(sa.select(Response)).language == "fa_AF"


def test_her_own_language_comes_first(client, make):
    _, token = make.asked(language="fa_AF")
    page = client.get(arrive(client, token)).text
    assert '<html lang="fa-AF" dir="rtl">' in page
    assert "چند وقت یک بار از آموخته‌های خود استفاده می‌کنید؟" in page


def test_what_she_said_last_time_stands_beside_the_activity(client, alumna, make):
    _, token, (first, *_) = alumna
    plan_id = db.session.get(Activity, first).plan_id
    earlier = make.add(
        ProgressUpdate(plan_id=plan_id, source="self", started_at=make.NOW, reported_at=make.NOW)
    )
    make.add(ActivityReport(update_id=earlier.id, activity_id=first, state="blocked", note="No money"))
    page = client.get(arrive(client, token)).text
    assert "You said last time: Stuck" in page
    assert "No money" in page


@pytest.mark.parametrize("token", ["", "x", "a" * 43, "a" * 4000])
def test_a_link_that_is_nobodys_is_one_page_whatever_is_wrong(client, alumna, token):
    page = client.get(f"/r/{token or 'page/0'}")
    assert page.status_code == 410
    assert "This link has closed" in page.text
    assert "Send a new link" in page.text


def test_asking_for_a_new_link_says_the_same_to_everyone(client, alumna):
    known = client.post("/r/new-link", data={"token": alumna[1]})
    unknown = client.post("/r/new-link", data={"token": "nobody's"})
    assert known.status_code == unknown.status_code == 200
    strip = re.compile(r'name="csrf_token" value="[^"]+"')
    assert strip.sub("", known.text) == strip.sub("", unknown.text)


def test_guessing_links_is_slowed_down_and_good_links_are_not(client, alumna):
    codes = [client.get(f"/r/guess{number}").status_code for number in range(25)]
    assert codes[0] == 410
    assert codes[-1] == 429


def test_a_closed_wave_says_so_kindly_and_takes_nothing(client, alumna):
    number, token, _ = alumna
    place = arrive(client, token)
    client.post(f"{place}/draft", data={"only": "q-use", "q-use": "weekly"})
    wave = db.session.get(Invitation, number).wave
    wave.closes_on = datetime.now(UTC).date() - timedelta(days=2)
    page = client.get(place)
    assert page.status_code == 200
    assert "These questions have closed" in page.text
    assert "is safe with us" in page.text
    assert client.post(place, data={"q-use": "never"}).status_code == 409
    assert client.post(f"{place}/draft", data={"only": "q-use"}).status_code == 410
    assert [row.choice for row in db.session.scalars(sa.select(Answer))] == ["weekly"]


def test_a_held_wave_still_takes_answers(client, alumna):
    db.session.get(Invitation, alumna[0]).wave.state = WaveState.HELD
    assert client.post(arrive(client, alumna[1]), data={"q-use": "weekly"}).status_code == 303


def test_a_touch_is_an_opening_and_nothing_more(client, alumna):
    number, token, _ = alumna
    place = arrive(client, token)
    assert client.post(f"{place}/opened").status_code == 204
    invitation = db.session.get(Invitation, number)
    assert invitation.state is InvitationState.OPENED
    assert invitation.started_at is None
    assert count(Response) == 0


def test_somebody_else_says_so_and_is_left_alone(client, alumna):
    number, token, _ = alumna
    place = arrive(client, token)
    assert "I am someone else" in client.get(f"{place}/not-me").text
    assert client.post(f"{place}/not-me").location == f"{place}/not-me"
    assert db.session.get(Invitation, number).state is InvitationState.GONE
    assert count(AuditEntry, AuditEntry.verb == "reached someone else") == 1
    assert "These questions have closed" in client.get(place).text


def test_without_the_pages_token_nothing_is_taken(client, alumna):
    place = arrive(client, alumna[1])
    client.without_csrf = True
    for address in (place, f"{place}/draft", f"{place}/opened", f"{place}/not-me", "/r/new-link"):
        assert client.post(address, data={"q-use": "weekly"}).status_code == 400
    assert count(Response) == 0


def test_the_first_visit_weighs_at_most_14_kb(client, alumna):
    page = client.get(arrive(client, alumna[1])).data
    names = re.findall(r'(?:href|src)="/static/([^"?]+)', page.decode())
    assert {"kept.js", "alumni.js", "alumni.css", "alumni.webmanifest", "icon.svg"} <= set(names)
    files = [
        page,
        client.get("/r/worker.js").data,
        *((ROOT / "static" / name).read_bytes() for name in names),
    ]
    weight = sum(len(gzip.compress(file, 6)) for file in files)
    assert weight <= 14 * 1024, weight


def test_the_page_asks_the_database_seven_times_however_much_is_stored(client, alumna, make):
    place = arrive(client, alumna[1])
    few = client.statements(place)
    enrolments = [make.enrolment(state="completed") for _ in range(3)]
    for enrolment in enrolments:
        make.planned(enrolment, *FIVE)
        _, token = make.asked(enrolment)
        other = client.application.test_client()
        other.post(arrive(other, token), data={"q-use": "weekly", "q-shared": "3", "q-story": "x"})
    assert client.statements(place) == few
    assert few <= 7


@pytest.mark.parametrize(("lines", "most"), [((), 8), (FIVE[:1], 19), (FIVE, 19)])
def test_sending_asks_the_database_as_often_however_much_is_said(client, make, lines, most):
    """Eight times without a plan; with one nineteen, whether it has one line or five."""
    enrolment = make.enrolment(state="completed")
    plan = make.planned(enrolment, *lines, submitted_at=make.NOW) if lines else None
    invitation, token = make.asked(enrolment)
    version = invitation.wave.survey_version
    version.asks_progress, version.first_answered_at = bool(lines), make.NOW.date()
    activities = db.session.scalars(sa.select(Activity.id).where(Activity.plan_id == plan.id)) if plan else ()
    typed = {"q-use": "weekly", "q-shared": "3"} | {f"a-{number}": "on_track" for number in activities}
    for number in range(3 * len(lines)):
        make.question(version, key=f"more{number}")
        typed[f"q-more{number}"] = "Much"
    db.session.commit()
    place = arrive(client, token)
    with counting() as asked:
        assert client.post(place, data=typed).status_code == 303
    assert len(asked) <= most
    assert count(Answer) == 2 + 3 * len(lines)
    assert count(ActivityReport, ActivityReport.is_latest) == len(lines)


def test_each_page_behind_a_link_weighs_at_most_14_kb(client, alumna):
    place = arrive(client, alumna[1])
    style = len(gzip.compress((ROOT / "static" / "alumni.css").read_bytes(), 6))
    for page in ("later", "moved", "moved?l=fa_AF", "not-me"):
        weight = len(gzip.compress(client.get(f"{place}/{page}").data, 6)) + style
        assert weight <= 14 * 1024, (page, weight)
