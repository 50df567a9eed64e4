"""What a package holds, and that nobody can be found in it."""

import csv
import io
import json
import zipfile
from collections import Counter
from datetime import timedelta
from pathlib import Path

import jsonschema
import pytest
import sqlalchemy as sa
from clients import counting
from package_rows import NOW, add_person, programme_with

from trainingapp.accounts.models import AuditEntry
from trainingapp.cohorts.models import Enrolment
from trainingapp.datasets import actions
from trainingapp.datasets.models import Release
from trainingapp.datasets.packing import NothingToTell
from trainingapp.datasets.tables import PLAN_FACTS
from trainingapp.db import db
from trainingapp.followups.models import InvitationState, WaveState
from trainingapp.programmes.models import Role
from trainingapp.responses.models import Answer, Response, ResponseState
from trainingapp.surveys.models import Anonymity

PROFILES = Path(__file__).parent / "profiles"
CHOICES = {"choices": [{"value": value, "text": {"en": value.title()}} for value in ("money", "staff")]}


def made(make, programme, now=NOW, k=5, publish=True):
    release = actions.make(programme, "CC-BY-4.0", k, make.user(), now)
    if publish:
        actions.publish(release, now)
    db.session.commit()
    return release


def opened(release):
    with zipfile.ZipFile(io.BytesIO(release.data)) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


def rows(release, table):
    return list(csv.DictReader(io.StringIO(opened(release)[f"{table}.csv"])))


def groups(release, table):
    hidden = {field.name for field in PLAN_FACTS}
    return Counter(
        tuple(value for name, value in row.items() if name not in hidden) for row in rows(release, table)
    )


def answered(make, cohort, enrolments, choices, anonymity=Anonymity.CONFIDENTIAL):
    """A closed wave with one question and a comment nobody may ever read outside."""
    version = make.survey_version(cohort.theme.programme, anonymity=anonymity)
    question = make.question(version, key="held_back", kind="one_of", options=CHOICES, position=1)
    words = make.question(version, key="own", kind="long_text", position=2)
    wave = make.wave(make.schedule(cohort), survey_version_id=version.id, state=WaveState.CLOSED)
    add_answers(make, wave, question, words, enrolments, choices)
    return wave, question, words


def add_answers(make, wave, question, words, enrolments, choices):
    for enrolment, choice in zip(enrolments, choices, strict=True):
        invitation, _token = make.invited(wave, enrolment)
        invitation.state = InvitationState.ANSWERED
        anonymous = wave.survey_version.anonymity == Anonymity.ANONYMOUS
        response = make.add(
            Response(
                wave_id=wave.id,
                invitation_id=None if anonymous else invitation.id,
                state=ResponseState.SENT,
                language="en",
                saved_at=NOW,
                sent_at=NOW,
            )
        )
        make.add(Answer(response_id=response.id, question_id=question.id, choice=choice))
        make.add(Answer(response_id=response.id, question_id=words.id, text="My boss Nanda said no"))
    db.session.commit()


def enrolments(cohort):
    query = sa.select(Enrolment).where(Enrolment.cohort_id == cohort.id).order_by(Enrolment.id)
    return db.session.scalars(query).all()


def test_both_profiles_of_the_standard_accept_it_and_every_cell_is_as_described(app, make):
    with app.test_request_context():
        programme, cohort = programme_with(make)
        answered(make, cohort, enrolments(cohort), ["money", "staff"] * 10)
        release = made(make, programme)
        files = opened(release)
        descriptor = json.loads(files["datapackage.json"])
        for version in ("1.0", "2.0"):
            profile = json.loads((PROFILES / f"datapackage-{version}.json").read_text())
            jsonschema.validators.validator_for(profile)(profile).validate(descriptor)
        codes = {(row["question"], row["wording"], row["value"]) for row in rows(release, "questions")}
        for resource in descriptor["resources"]:
            found = list(csv.DictReader(io.StringIO(files[resource["path"]])))
            assert found or resource["name"] == "indicators"
            fields = resource["schema"]["fields"]
            assert files[resource["path"]].splitlines()[0].split(",") == [one["name"] for one in fields]
            assert len(files[resource["path"]].encode()) == resource["bytes"]
            for row in found:
                for one in fields:
                    fits(row[one["name"]], one)
        assert {(row["question"], row["wording"], row["value"]) for row in rows(release, "answers")} <= codes
        assert codes == {("held_back", "1", "money"), ("held_back", "1", "staff")}


def fits(text, field):
    constraints = field.get("constraints", {})
    assert text or not constraints.get("required"), field["name"]
    if text and "enum" in constraints:
        assert text in constraints["enum"]
    if text and field["type"] in {"integer", "year"}:
        int(text)
    if field["type"] == "boolean":
        assert text in {"true", "false"}


def test_nobody_of_twenty_people_from_ten_countries_is_told_by_country_or_in_a_group_below_five(app, make):
    with app.test_request_context():
        programme, _cohort = programme_with(make)
        release = made(make, programme)
        everything = "".join(opened(release).values())
        assert "Secret Name" not in everything
        assert "country" not in rows(release, "people")[0]
        for table in ("people", "plans"):
            assert min(groups(release, table).values()) >= 5
        assert release.check["smallest"]["people"] >= 5


def test_what_matters_most_is_told_as_finely_as_it_may(app, make):
    with app.test_request_context():
        programme, _cohort = programme_with(make, people=100)
        balanced = actions.make(programme, "CC0-1.0", 5, make.user(), NOW)
        by_place = actions.make(programme, "CC0-1.0", 5, make.user(), NOW, finest=1)
        assert "country" in rows(by_place, "people")[0]
        assert min(groups(by_place, "people").values()) >= 5
        assert balanced.levels != by_place.levels or balanced.levels[1] == 0


def test_answers_are_counts_of_five_people_or_more_and_hold_nobodys_words(app, make):
    with app.test_request_context():
        programme, cohort = programme_with(make)
        people = enrolments(cohort)
        wave, question, words = answered(make, cohort, people[:4], ["money", "staff", "staff", "staff"])
        assert rows(made(make, programme, publish=False), "answers") == []
        add_answers(make, wave, question, words, people[4:8], ["money"] * 4)
        release = made(make, programme, publish=False)
        assert {(row["value"], row["people"], row["answered"]) for row in rows(release, "answers")} == {
            ("money", "5", "8"),
            ("staff", "3", "8"),
        }
        assert "Nanda" not in "".join(opened(release).values())
        assert not {"sex", "country", "region", "kind", "age"} & set(rows(release, "answers")[0])


def test_an_answer_that_everybody_gave_is_not_told(app, make):
    with app.test_request_context():
        programme, cohort = programme_with(make)
        answered(make, cohort, enrolments(cohort)[:9], ["staff"] * 9)
        assert rows(made(make, programme), "answers") == []


def test_anonymous_answers_have_no_person_and_none_while_their_wave_is_open(app, make):
    with app.test_request_context():
        programme, cohort = programme_with(make)
        people = enrolments(cohort)
        wave, *_rest = answered(
            make, cohort, people[:8], ["money", "staff"] * 4, anonymity=Anonymity.ANONYMOUS
        )
        assert db.session.scalar(sa.select(sa.func.count(Response.invitation_id))) == 0
        assert len(rows(made(make, programme, publish=False), "answers")) == 2
        wave.state = WaveState.OPEN
        db.session.commit()
        assert rows(made(make, programme, publish=False), "answers") == []


def test_somebody_who_answered_late_waits_until_four_others_did(app, make):
    with app.test_request_context():
        programme, cohort = programme_with(make)
        people = enrolments(cohort)
        wave, question, words = answered(make, cohort, people[:8], ["money", "staff"] * 4)
        made(make, programme)
        add_answers(make, wave, question, words, people[8:9], ["money"])
        second = made(make, programme, NOW + timedelta(days=1))
        assert {row["answered"] for row in rows(second, "answers")} == {"8"}
        add_answers(make, wave, question, words, people[9:13], ["money"] * 4)
        third = made(make, programme, NOW + timedelta(days=2))
        assert {row["answered"] for row in rows(third, "answers")} == {"13"}


def test_a_newcomer_waits_also_for_a_package_that_was_withdrawn(app, make):
    with app.test_request_context():
        programme, cohort = programme_with(make)
        first = made(make, programme)
        actions.withdraw(first, NOW)
        add_person(make, cohort, 50)
        second = made(make, programme, NOW + timedelta(days=1))
        assert groups(second, "people") == groups(first, "people")
        assert second.check["left_out"]["people"] == 1
        assert "fewer than 5" in opened(second)["README.md"]


def test_four_people_are_no_package(app, make):
    with app.test_request_context():
        programme, _cohort = programme_with(make, people=4)
        with pytest.raises(NothingToTell):
            made(make, programme)


def test_the_same_package_has_the_same_bytes_and_another_its_rows_elsewhere(app, make):
    with app.test_request_context():
        programme, _cohort = programme_with(make, people=60)
        first = made(make, programme, publish=False)
        data = first.data
        actions.throw_away(first)
        db.session.commit()
        again = made(make, programme, publish=False)
        assert (again.number, again.data) == (1, data)
        other = made(make, programme, publish=False)
        assert groups(other, "people") == groups(again, "people")
        assert rows(other, "people") != rows(again, "people")


def test_a_package_made_before_another_was_published_is_overtaken(app, make):
    with app.test_request_context():
        programme, _cohort = programme_with(make)
        first, second = (made(make, programme, publish=False) for _ in range(2))
        actions.publish(second, NOW)
        with pytest.raises(actions.Overtaken):
            actions.publish(first, NOW)
        with pytest.raises(actions.OutAlready):
            actions.throw_away(second)
        actions.withdraw(second, NOW)
        with pytest.raises(actions.WithdrawnForGood):
            actions.publish(second, NOW)
        verbs = db.session.scalars(
            sa.select(AuditEntry.verb).where(AuditEntry.subject == "dataset_releases").order_by(AuditEntry.id)
        ).all()
        assert verbs == ["made", "made", "published", "withdrawn"]


def test_whether_a_package_was_held_against_another_is_known_and_not_told_from_the_clock(app, make):
    with app.test_request_context():
        programme, _cohort = programme_with(make)
        late = actions.make(programme, "CC-BY-4.0", 5, make.user(), NOW + timedelta(seconds=9))
        waited = actions.make(programme, "CC-BY-4.0", 5, make.user(), NOW - timedelta(days=1))
        actions.publish(waited, NOW)  # the button was pressed before the other was made, and then it waited
        with pytest.raises(actions.Overtaken):
            actions.publish(late, NOW + timedelta(seconds=20))
        same_moment = made(make, programme, publish=False)
        assert same_moment.check["held_against"] == [waited.number]
        actions.publish(same_moment, NOW)


def test_a_coordinator_makes_looks_publishes_and_withdraws_and_a_viewer_takes_it(client, make):
    programme, _cohort = programme_with(make)
    coordinator = make.user((programme, Role.COORDINATOR))
    viewer, stranger = make.user((programme, Role.VIEWER)), make.user((make.programme(), Role.VIEWER))
    db.session.commit()
    client.sign_in(coordinator)
    page = f"/datasets/programmes/{programme.id}"
    assert "No package yet" in client.get(page).text
    answer = client.post(f"{page}/make", data={"licence": "CC-BY-4.0", "k": "5", "matters": ""})
    assert answer.status_code == 303
    release = db.session.scalars(sa.select(Release)).one()
    address = f"/datasets/releases/{release.id}"
    assert "Only you and other coordinators" in client.get(address).text
    client.sign_in(viewer)
    assert [client.get(f"{address}{end}").status_code for end in ("", "/package.zip")] == [404, 404]
    assert client.post(f"{page}/make", data={"licence": "CC-BY-4.0", "k": "5"}).status_code == 403
    client.sign_in(coordinator)
    assert client.post(f"{address}/publish").status_code == 303
    client.sign_in(viewer)
    taken = client.get(f"{address}/package.zip")
    db.session.expire_all()
    assert taken.data == release.data
    assert "at least 4 doubles" in client.get(address).text
    client.sign_in(stranger)
    assert client.get(f"{address}/package.zip").status_code == 404
    client.sign_in(coordinator)
    client.post(f"{address}/withdraw")
    client.sign_in(viewer)
    assert client.get(f"{address}/package.zip").status_code == 404
    assert "Version 1" not in client.get(page).text


def test_too_few_people_are_refused_on_the_page(client, make):
    programme, _cohort = programme_with(make, people=3)
    coordinator = make.user((programme, Role.COORDINATOR))
    db.session.commit()
    client.sign_in(coordinator)
    answer = client.post(
        f"/datasets/programmes/{programme.id}/make", data={"licence": "CC0-1.0", "k": "10", "matters": "age"}
    )
    assert answer.status_code == 422
    assert "Fewer than 10 people took part" in answer.text


def test_no_statement_more_for_more_people(app, make):
    with app.test_request_context():
        programme, cohort = programme_with(make, people=10)
        with counting() as few:
            actions.make(programme, "CC0-1.0", 5, make.user(), NOW)
        for number in range(10, 40):
            add_person(make, cohort, number)
        with counting() as many:
            actions.make(programme, "CC0-1.0", 5, make.user(), NOW)
        assert len(many) <= len(few)
