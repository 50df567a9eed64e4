"""From a first draft to what was handed in, as people do it on the pages."""

import json
import re
from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa

from trainingapp.accounts.models import AuditEntry
from trainingapp.cohorts.models import Cohort, CohortPartner, CohortState, EnrolmentState, PartnerRole
from trainingapp.db import db
from trainingapp.plans.models import PlanState, Problem
from trainingapp.programmes import frames
from trainingapp.programmes.models import Role
from trainingapp.submissions import lists
from trainingapp.submissions.models import Submission, SubmissionState

THEN = datetime(2023, 8, 1, 9, tzinfo=UTC)
GALAXY = {"kind": "galaxy", "language": "en"}


@pytest.fixture
def programme(make):
    """Six people from two countries, and two partners."""
    programme = make.programme(name="Looms that pay", description="Weavers learn from weavers.")
    theme = make.theme(programme, year=2023, title="Looms")
    cohort = make.cohort(
        theme, starts_on=date(2023, 7, 3), ends_on=date(2023, 7, 14), state=CohortState.FOLLOW_UP
    )
    make.add(CohortPartner(cohort_id=cohort.id, name="Ministry, Indonesia", role=PartnerRole.OWNER))
    make.add(CohortPartner(cohort_id=cohort.id, name="Colombo Plan", role=PartnerRole.FUNDER))
    for code in ("NP", "NP", "NP", "NP", "BT", "BT"):
        enrolment = make.enrolment(cohort, country=code, state=EnrolmentState.COMPLETED, enrolled_at=THEN)
        make.action_plan(
            enrolment,
            state=PlanState.APPROVED,
            problem_kind=Problem.MARKETS,
            sdg_targets=["9.3", "9.b", "8.3"],
            submitted_at=THEN,
            approved_at=THEN,
        )
    return programme


@pytest.fixture
def coordinator(client, make, programme):
    user = make.user((programme, Role.COORDINATOR))
    db.session.commit()
    client.sign_in(user)
    return user


def begun(client, programme, **facts):
    """A draft, as the button makes one."""
    answer = client.post(f"/submissions/programmes/{programme.id}/new", data={**GALAXY, **facts})
    assert answer.status_code == 302, answer.text
    return db.session.scalars(sa.select(Submission).order_by(Submission.id.desc())).first()


def form_of(submission, **typed):
    """Everything as the editor sends it back."""
    data = {"version": submission.version}
    for key, value in submission.texts.items():
        if isinstance(value, str):
            data[key] = value
        elif value and isinstance(value[0], str):
            data[key] = value if key.endswith("sdgs") else "\n".join(value)
    data |= {f"language-{key}": code for key, code in submission.languages.items()}
    return {**data, **typed}


def save(client, submission, **typed):
    return client.post(f"/submissions/{submission.id}/edit", data=form_of(submission, **typed))


def test_a_draft_begins_with_what_we_hold_each_text_marked_as_proposed(client, programme, coordinator):
    draft = begun(client, programme)
    assert draft.texts["title"] == "Looms that pay"
    assert draft.texts["countries"] == ["Bhutan", "Nepal"]
    assert draft.texts["supported_by"] == ["Colombo Plan"]
    assert (draft.texts["status"], draft.texts["from_year"]) == ("Ongoing", "2023")
    assert "(6 of 6 plans that name a problem)" in draft.texts["challenges"]
    assert "6 of 6 participants completed the course" in draft.texts["solution"]
    assert {draft.texts["primary_sdg"], *draft.texts["secondary_sdgs"]} == {"8", "9"}
    assert not draft.texts["url"], "what we do not hold is not made up"
    assert set(draft.proposed) == {key for key, value in draft.texts.items() if value}
    assert client.get(f"/submissions/{draft.id}/edit").text.count("Proposed from what we hold") == len(
        draft.proposed
    )


def test_texts_are_proposed_in_the_language_asked_for_and_labelled_as_they_read(
    client, programme, coordinator
):
    programme.description = "The weavers of the hills learn from one another, and they teach it at home."
    draft = begun(client, programme, language="id")
    assert draft.languages["summary"] == "en"
    assert "Butan" in draft.texts["countries"] or "Bhutan" in draft.texts["countries"]


def test_a_list_that_somebody_loaded_stays_and_what_no_list_has_any_more_is_shown_still(
    client, programme, coordinator
):
    newer = lists.SHIPPED.read_text().replace('"Design"', '"Design and craft"').replace('"music"', '"sound"')
    frames.load(newer, THEN)
    draft = begun(client, programme, kind="unesco-2005")
    save(client, draft, domains=["design", "music"])
    shown = client.get(f"/submissions/{draft.id}/edit").text
    assert "Design and craft" in shown
    assert re.search(r'value="music" checked', shown)
    assert re.search(r"Not on the list that holds on [^:]*: music", shown)


def test_plans_sent_after_the_day_or_of_people_who_withdrew_are_no_part_of_the_text(
    client, make, programme, coordinator
):
    cohort = db.session.scalars(sa.select(Cohort)).one()
    sent = {"state": PlanState.APPROVED, "problem_kind": Problem.POLICY, "sdg_targets": ["5.1"]}
    for number in range(5):
        later = make.enrolment(cohort, state=EnrolmentState.COMPLETED, enrolled_at=THEN)
        make.action_plan(later, submitted_at=THEN + timedelta(days=200 + number), **sent)
        gone = make.enrolment(cohort, state=EnrolmentState.WITHDRAWN, enrolled_at=THEN)
        make.action_plan(gone, submitted_at=THEN, **sent)
    unnamed = make.enrolment(cohort, country="NP", state=EnrolmentState.COMPLETED, enrolled_at=THEN)
    make.action_plan(unnamed, **{**sent, "problem_kind": None, "submitted_at": THEN})
    db.session.commit()
    then, now = begun(client, programme, as_of="2023-12-31"), begun(client, programme)
    assert "(6 of 6 plans that name a problem)" in then.texts["challenges"]
    assert "5 of" not in then.texts["challenges"]
    assert "(6 of 11 plans that name a problem)" in now.texts["challenges"]
    assert "(5 of 11 plans that name a problem)" in now.texts["challenges"]
    assert (then.texts["primary_sdg"], then.texts["secondary_sdgs"]) == ("8", ["9"])
    assert (now.texts["primary_sdg"], now.texts["secondary_sdgs"]) == ("5", ["8", "9"])


def test_nothing_about_fewer_than_five_is_proposed(client, make, coordinator):
    small = make.programme()
    cohort = make.cohort(make.theme(small, year=2023), starts_on=date(2023, 7, 3), ends_on=date(2023, 7, 14))
    make.enrolment(cohort, country="NP", state=EnrolmentState.COMPLETED, enrolled_at=THEN)
    client.sign_in(make.user((small, Role.COORDINATOR)))
    draft = begun(client, small)
    assert (draft.texts["challenges"], draft.texts["solution"]) == ("", "")


def test_a_draft_of_a_programme_without_anything_is_empty_and_works(client, make):
    bare = make.programme(description="")
    client.sign_in(make.user((bare, Role.ORGANISER)))
    for kind in ("galaxy", "unesco-2005"):
        draft = begun(client, bare, kind=kind)
        assert draft.proposed == ["title"]
        for page in ("edit", "hand-in"):
            assert client.get(f"/submissions/{draft.id}/{page}").status_code == 200


def test_what_a_person_changes_or_takes_is_nobodys_proposal_any_more(client, programme, coordinator):
    draft = begun(client, programme)
    save(client, draft, summary="Our own line.", taken=["title"])
    db.session.refresh(draft)
    assert draft.texts["summary"] == "Our own line."
    assert not {"title", "summary"} & set(draft.proposed)
    assert "countries" in draft.proposed


def test_filling_in_again_leaves_what_a_person_wrote_and_brings_what_is_new(
    client, make, programme, coordinator
):
    draft = begun(client, programme)
    save(client, draft, summary="Our own line.")
    theme = make.theme(programme, year=2024, title="Dryers")
    cohort = make.cohort(theme, starts_on=date(2024, 7, 3), ends_on=date(2024, 7, 14))
    make.enrolment(cohort, country="FJ", state=EnrolmentState.COMPLETED, enrolled_at=THEN)
    db.session.refresh(draft)
    save(client, draft, then="propose")
    db.session.refresh(draft)
    assert draft.texts["summary"] == "Our own line."
    assert draft.texts["countries"] == ["Bhutan", "Fiji", "Nepal"]


def test_whatever_is_typed_is_saved_as_typed_and_said_to_be_wrong(client, programme, coordinator):
    draft = begun(client, programme)
    odd = {"from_year": "twenty\0 sixteen", "url": "<script>", "primary_sdg": "99", "status": "Paused"}
    assert save(client, draft, **odd, countries="Nepl\r\n\r\nLaos").status_code == 302
    db.session.refresh(draft)
    assert draft.texts["from_year"] == "twenty sixteen"
    assert draft.texts["countries"] == ["Nepl", "Laos"]
    shown = client.get(f"/submissions/{draft.id}/edit").text
    for word in ("four digits", "begins with https://", "Not on the list", "Is it Nepal", "&lt;script&gt;"):
        assert word in shown, word
    assert '<option value="99" selected>99</option>' in shown


def test_rows_come_back_with_room_for_more_and_empty_ones_are_dropped(client, programme, coordinator):
    draft = begun(client, programme, kind="unesco-2005")
    rows = {"partners-name": ["Makers", "", "Ministry"], "partners-type": ["civil", "", "public"]}
    save(client, draft, **rows)
    db.session.refresh(draft)
    assert draft.texts["partners"] == [
        {"name": "Makers", "type": "civil"},
        {"name": "Ministry", "type": "public"},
    ]
    assert client.get(f"/submissions/{draft.id}/edit").text.count('name="partners-name"') == 4


def test_two_editors_at_once_do_not_overwrite_each_other(client, make, programme, coordinator):
    draft = begun(client, programme)
    mine, theirs = form_of(draft, summary="Mine."), form_of(draft, summary="Theirs.")
    client.sign_in(make.user((programme, Role.ORGANISER), name="Ratna"))
    client.post(f"/submissions/{draft.id}/edit", data=theirs)
    client.sign_in(coordinator)
    late = client.post(f"/submissions/{draft.id}/edit", data=mine)
    assert late.status_code == 409
    assert "Saved by Ratna meanwhile" in late.text
    assert "Theirs." in late.text
    assert 'value="Mine."' in late.text or "Mine.</textarea>" in late.text
    db.session.refresh(draft)
    assert draft.texts["summary"] == "Theirs."
    again = client.post(f"/submissions/{draft.id}/edit", data={**mine, "version": draft.version})
    assert again.status_code == 302


def test_a_save_that_changes_nothing_leaves_no_trace(client, programme, coordinator):
    draft = begun(client, programme)
    before = draft.version
    save(client, draft)
    db.session.refresh(draft)
    assert draft.version == before
    assert db.session.scalar(sa.select(sa.func.count()).where(AuditEntry.verb == "saved")) == 0


def test_the_second_press_of_a_button_makes_no_second_draft(client, programme, coordinator):
    data = {**GALAXY, "form_id": "a" * 22}
    for _press in range(2):
        assert client.post(f"/submissions/programmes/{programme.id}/new", data=data).status_code == 302
    assert db.session.scalar(sa.select(sa.func.count(Submission.id))) == 1


def test_what_is_handed_in_is_frozen_and_says_what_changed_since(client, make, programme, coordinator):
    draft = begun(client, programme)
    today = datetime.now(UTC).date()
    early = {"on": (today + timedelta(days=1)).isoformat(), "version": draft.version}
    assert client.post(f"/submissions/{draft.id}/hand-in", data=early).status_code == 422
    form = {"on": today.isoformat(), "address": "http://x", "version": draft.version}
    assert client.post(f"/submissions/{draft.id}/hand-in", data=form).status_code == 422
    assert client.post(f"/submissions/{draft.id}/hand-in", data={**form, "address": ""}).status_code == 302
    assert save(client, draft, title="Other").status_code == 409
    assert client.get(f"/submissions/{draft.id}/edit").status_code == 409
    assert "They are the same" in client.get(f"/submissions/{draft.id}").text
    cohort = make.cohort(
        make.theme(programme, year=2024), starts_on=date(2024, 7, 3), ends_on=date(2024, 7, 14)
    )
    make.enrolment(cohort, country="FJ", state=EnrolmentState.COMPLETED, enrolled_at=THEN)
    shown = client.get(f"/submissions/{draft.id}").text
    assert "3, with Fiji" in shown
    db.session.refresh(draft)
    client.post(
        f"/submissions/{draft.id}/address",
        data={"address": "https://galaxy.example/1", "version": draft.version},
    )
    assert 'href="https://galaxy.example/1"' in client.get(f"/submissions/{draft.id}").text
    verbs = set(db.session.scalars(sa.select(AuditEntry.verb).where(AuditEntry.subject == "submissions")))
    assert {"begun", "handed in", "published"} <= verbs


def test_a_viewer_reads_what_was_handed_in_and_no_draft(client, make, programme, coordinator):
    draft, done = begun(client, programme), begun(client, programme, kind="unesco-2005")
    today = datetime.now(UTC).date()
    client.post(f"/submissions/{done.id}/hand-in", data={"on": today.isoformat(), "version": done.version})
    client.sign_in(make.user((programme, Role.VIEWER)))
    listed = client.get(f"/submissions/programmes/{programme.id}").text
    assert f'"/submissions/{done.id}"' in listed
    assert f'"/submissions/{draft.id}"' not in listed
    shown = client.get(f"/submissions/{done.id}")
    assert shown.status_code == 200
    assert "Our figures since" not in shown.text
    assert coordinator.name not in shown.text
    assert client.get(f"/submissions/{draft.id}").status_code == 404
    assert client.post(f"/submissions/{draft.id}/entry.txt").status_code == 404
    assert client.post(f"/submissions/{done.id}/entry.txt").status_code == 200
    assert client.post(f"/submissions/{done.id}/discard").status_code == 403


def test_what_leaves_as_json_can_be_brought_in_again(client, programme, coordinator):
    draft = begun(client, programme)
    file = client.post(f"/submissions/{draft.id}/entry.json")
    assert json.loads(file.text)["fields"]["title"] == "Looms that pay"
    answer = client.post(
        f"/submissions/programmes/{programme.id}/paste",
        data={**GALAXY, "text": file.text},
        follow_redirects=True,
    )
    assert "fields came in" in answer.text
    copy = db.session.scalars(sa.select(Submission).order_by(Submission.id.desc())).first()
    assert (copy.texts, copy.proposed) == (draft.texts, [])
    refused = client.post(f"/submissions/programmes/{programme.id}/paste", data={**GALAXY, "text": "Hello"})
    assert refused.status_code == 422
    assert "Hello" in refused.text


def test_a_pasted_kind_of_partner_that_is_no_option_survives_a_save(client, programme, coordinator):
    text = "Title: Looms\nPartners\nMinistry | Gobierno\nMakers | Civil society | since 2019"
    pasted = {"kind": "unesco-2005", "language": "en", "text": text}
    client.post(f"/submissions/programmes/{programme.id}/paste", data=pasted)
    draft = db.session.scalars(sa.select(Submission)).one()
    shown = client.get(f"/submissions/{draft.id}/edit").text
    chosen = re.findall(
        r'<option value="([^"]*)" selected>', shown.partition('id="partners"')[2].partition("</ol>")[0]
    )
    assert chosen == ["Gobierno", "Civil society | since 2019"]
    save(client, draft, **{"partners-name": ["Ministry", "Makers"], "partners-type": chosen})
    db.session.refresh(draft)
    assert [row["type"] for row in draft.texts["partners"]] == chosen


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        ("unesco-2005", {"partners": [{"type": "x"}, {}]}),
        ("galaxy", {"countries": ["Nepal"], "similar": [{"countries": "Nepal"}]}),
    ],
)
def test_a_row_that_lacks_its_name_comes_in_and_its_pages_open(client, programme, coordinator, kind, fields):
    text = json.dumps({"title": "Looms", **fields})
    pasted = {"kind": kind, "language": "en", "text": text}
    assert client.post(f"/submissions/programmes/{programme.id}/paste", data=pasted).status_code == 302
    draft = db.session.scalars(sa.select(Submission)).one()
    for page in ("", "/edit", "/hand-in"):
        assert client.get(f"/submissions/{draft.id}{page}").status_code == 200


def test_what_fits_no_field_stays_until_somebody_drops_it(client, programme, coordinator):
    text = "Looms\nLiked by 12\nChallenges: Many"
    client.post(f"/submissions/programmes/{programme.id}/paste", data={**GALAXY, "text": text})
    draft = db.session.scalars(sa.select(Submission)).one()
    assert "Liked by 12" in client.get(f"/submissions/{draft.id}/edit").text
    save(client, draft, drop_unplaced="1")
    assert "Liked by 12" not in client.get(f"/submissions/{draft.id}/edit").text


def test_off_the_list_and_back_and_a_new_draft_from_an_old_one(client, programme, coordinator):
    draft = begun(client, programme)
    client.post(f"/submissions/{draft.id}/discard")
    assert save(client, draft).status_code == 409
    client.post(f"/submissions/{draft.id}/restore")
    db.session.refresh(draft)
    assert draft.state is SubmissionState.DRAFT
    client.post(f"/submissions/{draft.id}/hand-in", data={"on": "2024-01-31", "version": draft.version})
    client.post(f"/submissions/{draft.id}/again")
    listed = client.get(f"/submissions/programmes/{programme.id}").text
    copy = db.session.scalars(sa.select(Submission).order_by(Submission.id.desc())).first()
    assert listed.index(f'"/submissions/{copy.id}"') < listed.index(f'"/submissions/{draft.id}"')
    assert (copy.state, copy.texts, copy.figures) == (SubmissionState.DRAFT, draft.texts, {})


def test_a_draft_is_not_copied_so_that_nothing_only_proposed_becomes_a_text_of_ours(
    client, programme, coordinator
):
    draft = begun(client, programme)
    assert draft.proposed
    assert "Begin a new draft" not in client.get(f"/submissions/{draft.id}").text
    assert client.post(f"/submissions/{draft.id}/again").status_code == 409
    client.post(f"/submissions/{draft.id}/hand-in", data={"on": "2024-01-31", "version": draft.version})
    assert "Begin a new draft" in client.get(f"/submissions/{draft.id}").text


def test_pages_ask_as_often_whatever_there_is(client, make, programme, coordinator):
    draft = begun(client, programme)
    addresses = [f"/submissions/programmes/{programme.id}", f"/submissions/{draft.id}/edit"]
    few = [client.statements(address) for address in addresses]
    cohort = make.cohort(
        make.theme(programme, year=2024), starts_on=date(2024, 7, 3), ends_on=date(2024, 7, 14)
    )
    for _each in range(4):
        begun(client, programme)
        make.enrolment(cohort, country="FJ", state=EnrolmentState.COMPLETED, enrolled_at=THEN)
    db.session.commit()
    assert [client.statements(address) for address in addresses] == few


@pytest.mark.parametrize("kind", ["galaxy", "unesco-2005"])
def test_nothing_that_can_be_typed_breaks_a_page(client, programme, coordinator, kind):
    draft = begun(client, programme, kind=kind)
    names = [
        *draft.texts,
        *("partners-name", "partners-type", "similar-name", "similar-countries", "similar-sdg"),
        *(f"language-{key}" for key in draft.texts),
        "taken",
    ]
    for text in (
        "a\0b",
        "🧵\u202e\u2066١٢٣",
        "ä" * 40_000,
        "-1",
        "1" + "0" * 20,
        "\r\n|,;:{",
        "² 9.99.9 ٢٠١٦",
    ):
        db.session.refresh(draft)
        form = {**dict.fromkeys(names, text), "version": draft.version}
        assert client.post(f"/submissions/{draft.id}/edit", data=form).status_code == 302, text[:9]
        for page in ("/edit", "", "/hand-in"):
            assert client.get(f"/submissions/{draft.id}{page}").status_code == 200, text[:9]
        for shape in ("txt", "json", "docx"):
            assert client.post(f"/submissions/{draft.id}/entry.{shape}").status_code == 200, text[:9]
