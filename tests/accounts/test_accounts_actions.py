"""Verbs of accounts: links, sessions, administrators, the first run, the trail."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from factories import NOW

from trainingapp import tokens
from trainingapp.accounts import actions, audit, links, passwords, queries
from trainingapp.accounts.models import AuditEntry, LinkPurpose, LoginSession, PasswordLink, UserState
from trainingapp.db import db
from trainingapp.outbox.kinds import KINDS
from trainingapp.outbox.models import OutgoingEmail
from trainingapp.programmes import memberships
from trainingapp.programmes.models import Membership, Role

GOOD = "correct horse battery"


def token_of(link):
    return links.address(link).rpartition("/")[2]


def the_mail():
    return db.session.scalars(sa.select(OutgoingEmail).order_by(OutgoingEmail.id.desc())).first()


def a_session_of(user):
    row = LoginSession(
        token_hash=tokens.fingerprint(f"{user.id}"),
        user_id=user.id,
        began_at=NOW,
        ends_at=NOW + timedelta(hours=12),
        device="x",
    )
    db.session.add(row)
    db.session.flush()
    return row


def sessions_of(user):
    return db.session.scalar(sa.select(sa.func.count()).where(LoginSession.user_id == user.id))


def test_an_invitation_is_a_mail_with_a_link_that_sets_a_password(app):
    user = actions.invite(" Devi@Example.ORG ", "Devi Northstar", NOW, "id")
    assert (user.email, user.state, user.language) == ("devi@example.org", UserState.INVITED, "id")
    mail = the_mail()
    assert (mail.address, mail.topic, mail.language) == ("devi@example.org", "account", "id")
    message = KINDS[mail.kind].render(mail)
    address = next(word for word in message.text.split() if "/accounts/password/" in word)
    assert address.startswith("http://localhost/")
    assert address in message.html
    link = links.usable(address.rpartition("/")[2], NOW)
    assert actions.use_link(link, GOOD, NOW) is user
    assert user.state == UserState.ACTIVE
    assert passwords.matches(user.password_hash, GOOD)


def test_a_second_account_with_the_same_address_is_refused(app):
    actions.invite("devi@example.org", "Devi", NOW)
    with pytest.raises(actions.AddressTaken):
        actions.invite("DEVI@example.org", "Somebody else", NOW)
    assert db.session.scalar(sa.select(sa.func.count(PasswordLink.id))) == 1


@pytest.mark.parametrize("text", ["", "devi", "devi@", "a b@example.org", "devi@example.org\r\nBcc: x@y.org"])
def test_what_is_no_address_is_refused(app, text):
    with pytest.raises(actions.BadAddress):
        actions.invite(text, "Devi", NOW)


@pytest.mark.parametrize(
    ("purpose", "lasts"),
    [(LinkPurpose.INVITATION, timedelta(days=14)), (LinkPurpose.RESET, timedelta(minutes=30))],
)
def test_a_link_works_until_its_time_is_up(app, make, purpose, lasts):
    link = links.send(make.user(), purpose, NOW)
    assert links.usable(token_of(link), NOW + lasts - timedelta(seconds=1)) is link
    assert links.usable(token_of(link), NOW + lasts) is None


def test_a_link_works_once(app, make):
    link = links.send(make.user(), LinkPurpose.RESET, NOW)
    actions.use_link(link, GOOD, NOW)
    assert links.usable(token_of(link), NOW) is None
    with pytest.raises(actions.LinkClosed):
        actions.use_link(link, "another horse battery", NOW)


def test_a_new_link_closes_the_older_ones_and_their_mail(app, make):
    user = make.user()
    old = links.send(user, LinkPurpose.INVITATION, NOW)
    old_mail = the_mail()
    new = links.send(user, LinkPurpose.INVITATION, NOW + timedelta(seconds=1))
    db.session.refresh(old)
    assert links.usable(token_of(old), NOW + timedelta(seconds=1)) is None
    assert links.usable(token_of(new), NOW + timedelta(seconds=1)) is new
    assert KINDS[old_mail.kind].unwanted_because(old_mail) == "closed"


def test_a_refused_password_leaves_the_link_open(app, make):
    link = links.send(make.user(), LinkPurpose.RESET, NOW)
    with pytest.raises(passwords.PasswordTooShort):
        actions.use_link(link, "short", NOW)
    assert links.usable(token_of(link), NOW) is link


def test_asking_for_a_link_writes_only_to_those_who_have_an_account(app, make):
    make.user(email="known@example.org", password_hash="x")
    make.user(email="closed@example.org", is_enabled=False)
    for email in ("unknown@example.org", "closed@example.org", " Known@example.org "):
        actions.ask_for_link(email, NOW)
    assert [mail.address for mail in db.session.scalars(sa.select(OutgoingEmail))] == ["known@example.org"]
    assert the_mail().kind == "account-reset"


def test_someone_without_a_password_who_asks_gets_the_invitation_again(app, make):
    user = make.user()
    actions.ask_for_link(user.email, NOW)
    assert the_mail().kind == "account-invitation"


def test_a_new_password_ends_every_session(app, make):
    user = make.user()
    a_session_of(user)
    actions.use_link(links.send(user, LinkPurpose.RESET, NOW), GOOD, NOW)
    assert sessions_of(user) == 0
    a_session_of(user)
    actions.change_password(user, GOOD, "another horse battery", NOW)
    assert sessions_of(user) == 0


def test_a_password_is_changed_only_by_who_knows_the_old_one(app, make):
    user = make.user(password_hash=passwords.hashed(GOOD))
    with pytest.raises(actions.WrongPassword):
        actions.change_password(user, "not the one at all", "another horse battery", NOW)
    assert passwords.matches(user.password_hash, GOOD)


def test_disabling_ends_sessions_and_closes_links(app, make):
    user, _other = make.user(), make.user(is_administrator=True)
    a_session_of(user)
    link = links.send(user, LinkPurpose.RESET, NOW)
    mail = the_mail()
    actions.disable(user, NOW, why="left the ministry")
    assert sessions_of(user) == 0
    assert links.usable(token_of(link), NOW) is None
    assert KINDS[mail.kind].unwanted_because(mail) == "disabled"
    actions.enable(user)
    assert user.is_enabled


def test_the_last_administrator_stays(app, make):
    last = make.user(is_administrator=True)
    make.user(is_administrator=True, is_enabled=False)
    for verb in (lambda: actions.disable(last, NOW), lambda: actions.unmake_administrator(last)):
        with pytest.raises(actions.LastAdministrator):
            verb()
    actions.make_administrator(make.user())
    actions.unmake_administrator(last)
    assert queries.administrators() == 1


def test_a_role_is_given_once_and_ends_the_sessions(app, make):
    user, programme = make.user(), make.programme()
    a_session_of(user)
    row = memberships.grant(user, programme, Role.FOCAL_POINT, "NP")
    assert sessions_of(user) == 0
    with pytest.raises(memberships.AlreadyGranted):
        memberships.grant(user, programme, Role.FOCAL_POINT, "NP")
    memberships.grant(user, programme, Role.FOCAL_POINT, "BT")
    a_session_of(user)
    memberships.revoke(row)
    assert sessions_of(user) == 0
    assert [row.country for row in db.session.scalars(sa.select(Membership))] == ["BT"]


def test_a_focal_point_speaks_for_a_country_and_others_for_none(app, make):
    user, programme = make.user(), make.programme()
    with pytest.raises(memberships.CountryMissing):
        memberships.grant(user, programme, Role.FOCAL_POINT)
    assert memberships.grant(user, programme, Role.ORGANISER, "NP").country == ""


def test_the_first_run_code_makes_one_administrator(app):
    code = actions.begin_first_run(NOW)
    with pytest.raises(actions.LinkClosed):
        actions.first_administrator("AAAAA-" * 4, "devi@example.org", "Devi", GOOD, NOW)
    user = actions.first_administrator(code.lower(), "devi@example.org", "Devi", GOOD, NOW)
    assert user.is_administrator
    with pytest.raises(actions.LinkClosed):
        actions.first_administrator(code, "eve@example.org", "Eve", GOOD, NOW)
    with pytest.raises(actions.NotTheFirst):
        actions.begin_first_run(NOW)


def test_a_newer_first_run_code_replaces_the_older_and_none_lasts_a_day(app):
    old, new = actions.begin_first_run(NOW), actions.begin_first_run(NOW)
    assert queries.first_run(old, NOW) is None
    assert queries.first_run(new, NOW) is not None
    assert queries.first_run(new, NOW + timedelta(hours=24)) is None


def test_every_change_of_an_account_is_in_the_trail(app, make):
    admin, programme = make.user(is_administrator=True), make.programme()
    user = actions.invite("devi@example.org", "Devi Northstar", NOW)
    actions.use_link(links.send(user, LinkPurpose.INVITATION, NOW), GOOD, NOW)
    actions.change_settings(user, name="Devi N.", language="id", time_zone="Asia/Makassar")
    actions.change_settings(user, name="Devi N.", language="id", time_zone="Asia/Makassar")
    actions.make_administrator(user)
    actions.unmake_administrator(user)
    memberships.revoke(memberships.grant(user, programme, Role.ORGANISER))
    actions.disable(user, NOW, "moved on")
    actions.enable(user)
    verbs = [entry.verb for entry in db.session.scalars(sa.select(AuditEntry).order_by(AuditEntry.id))]
    assert verbs == [
        "invited",
        "set a password",
        "changed settings",
        "made administrator",
        "no longer administrator",
        "granted a role",
        "revoked a role",
        "disabled",
        "enabled",
    ]
    assert admin.is_administrator


def test_seals_cover_what_has_settled_and_chain_on(app, make):
    now = audit.clock.now()
    for _each in range(3):
        audit.record(make.user(), "added")
    db.session.flush()
    assert audit.seal(now) is None
    first = audit.seal(now + timedelta(minutes=11))
    assert first.entries == 3
    audit.record(make.user(), "added", facts={"b": 1.5, "a": ["ž", None]})
    db.session.flush()
    second = audit.seal(now + timedelta(minutes=22))
    assert second.entries == 1
    assert audit.seal(now + timedelta(minutes=33)) is None
    found = audit.verify()
    assert (found.seals, found.entries, found.head, found.broken) == (2, 4, second.digest, None)
