from datetime import date, timedelta

import pytest
import sqlalchemy as sa
import ticking

from trainingapp.cohorts.models import EnrolmentState
from trainingapp.db import db
from trainingapp.followups import actions, queries
from trainingapp.followups.models import Invitation, InvitationState, OldLink, WaveState
from trainingapp.followups.schedules import actions as scheduling
from trainingapp.outbox.kinds import KINDS
from trainingapp.outbox.models import EmailState, OutgoingEmail
from trainingapp.participants.models import ContactPoint, ContactState
from trainingapp.surveys.models import Anonymity
from trainingapp.tokens import issue

DAY = timedelta(days=1)


@pytest.fixture
def email(make):
    """The invitation to Sita, who planned three steps."""
    wave = make.wave(make.schedule(make.cohort(name="2019 edition")))
    wave.survey_version.asks_progress = True
    wave.survey_version.languages = ["en", "fr", "fa_AF"]
    alumna = make.alumna(wave.schedule.cohort, "Sita Palpali", "sita@example.org")
    make.planned(alumna, "Find a shared laser cutter", "Train ten weavers", "Open a shop")
    db.session.commit()
    ticking.open_due_waves(make.NOW)
    db.session.commit()
    return db.session.scalars(sa.select(OutgoingEmail)).one()


def invitation():
    return db.session.scalars(sa.select(Invitation)).one()


def render(email):
    return KINDS[email.kind].render(email)


def unwanted(email):
    return KINDS[email.kind].unwanted_because(email)


def deliver(email, at):
    email.state, email.sent_at = EmailState.SENT, at
    KINDS[email.kind].went(email)
    db.session.commit()


def remind(make, state=InvitationState.SENT):
    one = invitation()
    one.state = state
    one.opened_at = one.started_at = make.NOW if state is not InvitationState.SENT else None
    db.session.commit()
    ticking.plan_reminders(make.NOW + 9 * DAY)
    db.session.commit()
    return db.session.scalars(sa.select(OutgoingEmail).where(OutgoingEmail.kind == "reminder")).one()


def test_the_invitation_sends_people_their_own_promises_back(email):
    message = render(email)
    link = f"http://localhost/r/{issue('invitation', invitation().id, 1)}"
    assert message.subject == "Sita Palpali, how is your plan after 6 months?"
    for body in (message.text, message.html):
        assert "Dear Sita Palpali," in body
        assert "Find a shared laser cutter" in body
        assert "you planned 3 steps" in body
        assert "30 Mar 2026" in body
        assert link in body
        assert message.unsubscribe_url.split("?")[0] in body
        assert len(body) < 102_000  # where Gmail cuts
    assert "<script" not in message.html
    assert "<img" not in message.html


def test_the_mail_speaks_the_persons_language_and_direction(email):
    email.language = invitation().language = "fa_AF"
    message = render(email)
    assert 'dir="rtl"' in message.html
    assert 'lang="fa-AF"' in message.html


def test_the_link_is_never_stored(email):
    token = issue("invitation", invitation().id, 1)
    for table in db.metadata.sorted_tables:
        for row in db.session.execute(sa.select(table)):
            assert token not in str(row)


def test_a_name_cannot_write_markup_or_a_header(email):
    invitation().enrolment.participant.full_name = "Sita\r\nBcc: all@example.org <b>"
    message = render(email)
    assert "\n" not in message.subject
    assert "<b>" not in message.html


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (InvitationState.SENT, "got lost among others"),
        (InvitationState.OPENED, "You had a look at our questions"),
        (InvitationState.STARTED, "What you entered is kept"),
    ],
)
def test_reminders_say_it_in_other_words_for_each(make, email, state, words):
    deliver(email, make.NOW)
    message = render(remind(make, state))
    assert words in message.text
    assert words in message.html


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda _one: None, None),
        (lambda one: setattr(one.enrolment, "state", EnrolmentState.WITHDRAWN), "withdrawn"),
        (lambda one: setattr(one.enrolment.participant, "opted_out_at", one.due_at), "opted out"),
        (lambda one: setattr(one.enrolment.participant, "deceased_on", date(2026, 1, 1)), "deceased"),
        (lambda one: setattr(one.enrolment.participant, "erased_at", one.due_at), "erased"),
        (lambda one: setattr(one, "state", InvitationState.ANSWERED), "answered"),
        (lambda one: setattr(one, "state", InvitationState.DECLINED), "declined"),
        (lambda one: setattr(one.wave, "state", WaveState.HELD), "wave held"),
        (lambda one: setattr(one.wave, "state", WaveState.CLOSED), "wave closed"),
        (lambda one: setattr(one.wave, "state", WaveState.CANCELLED), "wave cancelled"),
    ],
)
def test_inside_the_claim_it_is_asked_again_whether_the_mail_is_wanted(email, change, reason):
    change(invitation())
    db.session.commit()
    assert unwanted(email) == reason


def test_a_questionnaire_in_a_language_without_tables_is_offered_in_it_all_the_same(email):
    invitation().wave.survey_version.languages = ["en", "tet", "pt_BR", "klingon"]
    message = render(email)
    for name, tag in [("Tetum", "tet"), ("português", "pt_BR"), ("klingon", "klingon")]:
        assert f"?l={tag}" in message.text
        assert name in message.text


def test_a_mail_to_an_address_that_is_no_longer_theirs_is_not_wanted(email):
    db.session.scalars(sa.select(ContactPoint)).one().normalised = "someone.else@example.org"
    db.session.commit()
    assert unwanted(email) == "address no longer theirs"


def test_a_mail_that_went_is_noted_once(make, email):
    deliver(email, make.NOW)
    one = invitation()
    assert (one.state, one.sent_at, one.next_at) == (InvitationState.SENT, make.NOW, None)


def test_a_mail_that_came_back_marks_the_address_and_stops_the_rest(make, email):
    deliver(email, make.NOW)
    email.last_text = "550 5.1.1 No such user"
    KINDS[email.kind].bounced(email)
    db.session.commit()
    assert invitation().state is InvitationState.NOT_DELIVERED
    assert db.session.scalars(sa.select(ContactPoint.state)).one() is ContactState.BOUNCED
    assert ticking.plan_reminders(make.NOW + 12 * DAY) == 0


def test_an_answer_cancels_what_waits(make, email):
    deliver(email, make.NOW)
    reminder = remind(make)
    actions.note_opened(invitation(), make.NOW + 9 * DAY)
    actions.note_answered(invitation(), make.NOW + 9 * DAY)
    db.session.commit()
    assert reminder.state is EmailState.CANCELLED
    assert invitation().answered_at == make.NOW + 9 * DAY
    assert not queries.may_answer(invitation(), make.NOW + 9 * DAY)


def test_an_anonymous_answer_leaves_its_day_and_no_line_in_the_trail(make, email):
    from trainingapp.accounts.models import AuditEntry

    one = invitation()
    one.wave.survey_version.anonymity = Anonymity.ANONYMOUS
    actions.note_answered(one, make.NOW)
    db.session.commit()
    assert (one.answered_at.hour, one.answered_at.date()) == (0, make.NOW.date())
    entries = sa.select(AuditEntry.id).where(AuditEntry.subject == "invitations")
    assert not db.session.scalars(entries).all()


def test_a_link_is_found_by_its_token_and_no_other(email):
    token = issue("invitation", invitation().id, 1)
    assert queries.invitation_for(token) is invitation()
    assert queries.invitation_for(token[:-1] + "_") is None
    assert queries.invitation_for("") is None


def test_a_replaced_link_opens_nothing_and_may_ask_for_the_new_one(make, email):
    old = issue("invitation", invitation().id, 1)
    new = actions.new_link(invitation())
    db.session.commit()
    assert queries.invitation_for(old) is None
    assert queries.invitation_for(new) is invitation()
    assert db.session.scalar(sa.select(sa.func.count()).select_from(OldLink)) == 1
    for _try in range(3):
        actions.ask_new_link(old, make.NOW + DAY)
    db.session.commit()
    sent = db.session.scalars(sa.select(OutgoingEmail).where(OutgoingEmail.kind == "new_link")).all()
    assert [mail.address for mail in sent] == ["sita@example.org"]
    assert new in render(sent[0]).text
    actions.ask_new_link(old, make.NOW + DAY + timedelta(minutes=61))
    assert len(db.session.scalars(sa.select(OutgoingEmail.id)).all()) == 3


def test_a_made_up_link_sends_nothing(make, email):
    actions.ask_new_link("A" * 43, make.NOW)
    assert len(db.session.scalars(sa.select(OutgoingEmail.id)).all()) == 1


def test_a_link_of_a_closed_wave_asks_for_the_wave_that_is_open(make, email):
    token = issue("invitation", invitation().id, 1)
    first = invitation()
    later = make.wave(first.wave.schedule, offset_months=12, version=first.wave.survey_version)
    db.session.commit()
    ticking.open_due_waves(make.NOW)
    first.wave.state, first.state = WaveState.CLOSED, InvitationState.CLOSED
    db.session.commit()
    actions.ask_new_link(token, make.NOW + DAY)
    sent = db.session.scalars(sa.select(OutgoingEmail).where(OutgoingEmail.kind == "new_link")).one()
    assert sent.about == queries.about(
        db.session.scalars(sa.select(Invitation).where(Invitation.wave_id == later.id)).one()
    )


def test_a_resumed_wave_goes_on_at_the_next_hour_that_suits(make, email):
    wave = invitation().wave
    scheduling.hold(wave, "Wrong questions")
    db.session.commit()
    assert email.state is EmailState.HELD
    scheduling.resume(wave, make.NOW + DAY + timedelta(hours=8))  # Tuesday, 22:45 in Kathmandu
    db.session.commit()
    db.session.refresh(email)
    assert email.state is EmailState.QUEUED
    assert email.next_attempt_at.isoformat() == "2026-03-04T03:15:00+00:00"


def test_a_wave_with_no_day_left_is_not_resumed(make, email):
    wave = invitation().wave
    scheduling.hold(wave, "Wrong questions")
    with pytest.raises(scheduling.WrongDates):
        scheduling.resume(wave, make.NOW + 40 * DAY)


def test_moving_the_closing_day_of_an_open_wave_gives_its_mails_more_time(make, email):
    wave = invitation().wave
    before = email.not_after
    moved = wave.closes_on + 7 * DAY
    version = wave.survey_version_id
    scheduling.change_wave(wave, opens_on=wave.opens_on, closes_on=moved, survey_version_id=version)
    with pytest.raises(scheduling.WaveHasBegun):
        scheduling.change_wave(wave, opens_on=wave.opens_on + DAY, closes_on=moved, survey_version_id=version)
    db.session.commit()
    db.session.refresh(email)
    assert email.not_after == before + 7 * DAY
