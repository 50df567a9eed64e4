"""Who has not answered: by country, with what is known, and how else they could be reached."""

from collections import Counter

import pytest

from trainingapp.db import db
from trainingapp.followups.models import InvitationState
from trainingapp.followups.outcomes import Outcome
from trainingapp.followups.rescue import missing
from trainingapp.followups.rescue.models import Helper, HelperRole
from trainingapp.followups.rescue.ways import WayKind
from trainingapp.participants.models import ContactKind, ContactPoint, ContactState
from trainingapp.programmes.models import Role


@pytest.fixture
def wave(app, make):
    return make.wave()


@pytest.fixture
def ask(make, wave):
    def invite(country="NP", state=InvitationState.SENT, name="", **facts):
        enrolment = make.enrolment(wave.schedule.cohort, make.participant(name), country=country)
        made, _token = make.invited(wave, enrolment)
        made.state, made.address, made.sent_at = state, f"p{made.id}@example.org", make.NOW
        for fact, value in facts.items():
            setattr(made, fact, value)
        db.session.flush()
        return made

    return invite


def reachable(make, one, kind, value, state=ContactState.WORKING):
    owner = one.enrolment.participant_id
    make.add(ContactPoint(participant_id=owner, kind=kind, value=value, normalised=value, state=state))


def test_the_missing_are_counted_by_country_with_what_is_known(wave, ask, make):
    ask("NP"), ask("NP", InvitationState.NOT_DELIVERED), ask("NP", InvitationState.ANSWERED)
    ask("LA", opened_at=make.NOW), ask("LA", InvitationState.DECLINED)
    found = missing.by_country(wave)
    assert list(found) == ["NP", "LA"]
    assert (found["NP"].asked, found["LA"].asked) == (3, 2)
    assert found["NP"].missing == Counter({Outcome.SILENT: 1, Outcome.RETURNED: 1})
    assert found["LA"].missing == Counter({Outcome.OPENED: 1})


def test_each_is_shown_with_the_other_ways_that_are_known(wave, ask, make):
    one = ask("NP", InvitationState.NOT_DELIVERED)
    reachable(make, one, ContactKind.EMAIL, one.address)
    reachable(make, one, ContactKind.EMAIL, "other@example.org")
    reachable(make, one, ContactKind.PHONE, "+97715550123", ContactState.UNREACHABLE)
    reachable(make, one, ContactKind.MESSAGING, "@karma")
    for role, agreed in ((HelperRole.COLLEAGUE, make.NOW.date()), (HelperRole.FOCAL_POINT, None)):
        make.add(
            Helper(
                enrolment_id=one.enrolment_id, role=role, name="A", email="a@example.org", agreed_on=agreed
            )
        )
    [line] = missing.page(wave, None, None, None, None).rows
    assert line.ways == [WayKind.EMAIL, WayKind.TELEGRAM, WayKind.COLLEAGUE]
    assert line.outcome is Outcome.RETURNED


def test_the_page_narrows_to_a_country_and_to_what_is_known(client, make, wave, ask):
    ask("NP", name="Silent Sarmila"), ask("LA", name="Silent Bounmy")
    ask("LA", InvitationState.NOT_DELIVERED, name="Returned Khamla")
    address = f"/followups/waves/{wave.id}/missing"
    client.sign_in(make.user((wave.schedule.cohort.theme.programme, Role.COORDINATOR)))
    everyone = client.get(address).text
    assert all(name in everyone for name in ("Sarmila", "Bounmy", "Khamla"))
    assert everyone.count("<h1>") == 1
    in_laos = client.get(f"{address}?country=LA").text
    assert "Bounmy" in in_laos
    assert "Sarmila" not in in_laos
    returned = client.get(f"{address}?country=LA&known=3.3").text
    assert "Khamla" in returned
    assert "Bounmy" not in returned
    assert "No one fits these filters now" in client.get(f"{address}?country=FJ").text
    few = client.statements(address)
    for _ in range(8):
        ask("PK")
    db.session.commit()
    assert client.statements(address) == few
    client.sign_in(make.user((make.programme(), Role.COORDINATOR)))
    assert client.get(address).status_code == 404
