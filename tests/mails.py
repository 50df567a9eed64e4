"""Every mail of the product, in every tone: for the tests of what a mail may hold, and to look at them."""

from collections.abc import Iterator
from datetime import timedelta

import factories as make
import sqlalchemy as sa

from trainingapp import clock, tokens
from trainingapp.accounts import links
from trainingapp.accounts.models import LinkPurpose
from trainingapp.cases.models import CaseState, HelpCase
from trainingapp.cohorts.models import Enrolment
from trainingapp.db import db
from trainingapp.followups.due import queries as due
from trainingapp.followups.due.models import DueLine, DueNotice, DueWhat
from trainingapp.followups.models import ContactCheck, Invitation, InvitationState
from trainingapp.followups.yearly import queries as yearly
from trainingapp.outbox import actions as outbox
from trainingapp.outbox import queries as outbox_queries
from trainingapp.outbox.kinds import KINDS, Message
from trainingapp.outbox.models import OutgoingEmail
from trainingapp.plans.agreements import queries as agreement_queries
from trainingapp.plans.agreements.models import SupervisorAgreement, SupervisorWord
from trainingapp.plans.models import ActionPlan, Activity, PlanComment, PlanVersion
from trainingapp.tokens import fingerprint

LANGUAGES = ("en", "id", "fr", "fa_AF")
NAMES = {
    "en": "Sita Nettlecloth",
    "id": "Ratna Bumirejo",
    "fr": "Vongphet Sengsavang",
    "fa_AF": "نیلوفر دریا",
}
LONG = "Kanyarat Wattanapongsakornchai Phromsuttirak na Ayudhya Santi"  # 61 letters: names are never cut
STEPS = [
    "Agree one dye house with a written price",
    "Train 15 weavers in cost records",
    "Run an advice desk on Tuesdays",
    "Ask three banks for a loan with movable things as security",
    "Publish the price list of natural dyes every month",
    "Open a shop in Patan",
]


def of_every_kind(language: str = "en", name: str = "") -> dict[str, OutgoingEmail]:
    """Name of the tone -> the row: all to one person, each of the wave mails of its own wave. Commits."""
    name = name or NAMES[language]
    programme = make.programme(name="Small and medium industry programme", short_name="Industry")
    cohort = make.cohort(make.theme(programme), name="Indonesia and Colombo Plan, 2019 edition")
    person = make.participant(name, f"someone-{programme.id}@example.org", language=language)
    about = {"state": "completed", "post": "Extension officer", "organisation": "Cottage industry office"}
    planner = make.enrolment(cohort, person, **about)
    make.planned(planner, *STEPS)
    other = make.enrolment(
        make.cohort(make.theme(programme), name="Solo and Semarang, 2021 edition"), person, **about
    )
    found = dict(_of_waves(planner, other, language))
    found |= {"still you": _still_you(planner, language)}
    found |= dict(_of_plan(planner, language))
    found |= dict(_of_help(planner, language))
    found |= dict(_of_account(language, name))
    db.session.commit()
    return found


def render(email: OutgoingEmail) -> Message:
    return KINDS[email.kind].render(email)


def _of_waves(planner: Enrolment, other: Enrolment, language: str) -> Iterator[tuple[str, OutgoingEmail]]:
    now = clock.now()
    since = {"sent_at": now - timedelta(days=10), "language": language, "due_at": now - timedelta(days=10)}
    opened = {**since, "state": InvitationState.OPENED, "opened_at": now - timedelta(days=3)}
    started = {**opened, "state": InvitationState.STARTED, "started_at": now - timedelta(days=2)}
    asked = {"invitation with a plan": ("invitation", planner, 6, since)}
    asked["invitation with a choice"] = ("invitation", other, 6, since)
    asked["invitation with a scale"] = ("invitation", other, 0, since)
    asked["reminder, never opened"] = ("reminder", planner, 3, since)
    asked["reminder, opened"] = ("reminder", other, 12, opened)
    asked["reminder, started"] = ("reminder", planner, 12, started)
    asked["reminder, asked for"] = ("reminder", other, 3, since)
    asked["new link"] = ("new_link", planner, 24, since)
    for tone, (kind, enrolment, months, facts) in asked.items():
        invitation, _token = make.asked(enrolment, months=months, **facts)
        invitation.address = f"someone-{enrolment.cohort.theme.programme_id}@example.org"
        yield tone, _row(kind, f"invitation:{invitation.id}", invitation, tone, language)


def _row(kind: str, about: str, of: Invitation, tone: str, language: str) -> OutgoingEmail:
    facts = {"invitation_id": of.id, "tone": "asked" if tone == "reminder, asked for" else None}
    return _enqueue(kind, about, of.address or "", language, facts)


def _enqueue(kind: str, about: str, address: str, language: str, facts: dict[str, object]) -> OutgoingEmail:
    key = f"{about}:{kind}"
    return outbox.enqueue(kind, key, address, now=make.NOW, language=language, about=about, facts=facts)


def _still_you(enrolment: Enrolment, language: str) -> OutgoingEmail:
    check = make.add(
        ContactCheck(
            participant_id=enrolment.participant_id,
            enrolment_id=enrolment.id,
            year=clock.now().year,
            address=f"someone-{enrolment.cohort.theme.programme_id}@example.org",
            language=language,
            token_hash="",
            due_at=clock.now(),
        )
    )
    check.token_hash = tokens.fingerprint(yearly.token(check))
    return _enqueue("still_you", yearly.about(check), check.address, language, {"check_id": check.id})


def _of_plan(enrolment: Enrolment, language: str) -> Iterator[tuple[str, OutgoingEmail]]:
    plan = db.session.scalars(sa.select(ActionPlan).where(ActionPlan.enrolment_id == enrolment.id)).one()
    text = "A good plan.\nWho pays for the scales, and by when?"
    author = make.user(name="Devi Northstar")
    comment = make.add(PlanComment(plan_id=plan.id, author_id=author.id, text=text, written_at=make.NOW))
    for what in ("returned", "approved", "commented"):
        facts = {"plan": plan.id, "path": "/plans/mine", "comments": [comment.id]}
        address = f"someone-{enrolment.cohort.theme.programme_id}@example.org"
        yield f"plan {what}", _enqueue(f"plan-{what}", f"action_plans:{plan.id}", address, language, facts)
    for word in SupervisorWord:
        asked = _supervisor(plan, word, language)
        about, facts = f"action_plans:{plan.id}:{word}", {"plan": plan.id, "agreement": asked.id}
        yield f"supervisor {word}", _enqueue("plan-answered", about, address, language, facts)
    asked = _supervisor(plan, None, language)
    facts = {"agreement": asked.id}
    yield (
        "supervisor asked",
        _enqueue("plan-supervisor", f"action_plans:{plan.id}", asked.email, language, facts),
    )


def _supervisor(plan: ActionPlan, word: SupervisorWord | None, language: str) -> SupervisorAgreement:
    """Asked about the first version; with an answer, unless it is the question that is to be seen."""
    version = db.session.scalar(sa.select(PlanVersion).where(PlanVersion.plan_id == plan.id)) or make.add(
        PlanVersion(plan_id=plan.id, number=1, content={}, submitted_at=make.NOW)
    )
    asked = make.add(
        SupervisorAgreement(
            plan_id=plan.id,
            plan_version_id=version.id,
            name="Ram Bahadur Gurung",
            email="head@example.org",
            language=language,
            asked_at=clock.now(),
            expires_at=clock.now() + timedelta(days=30),
            answer=word,
            reason="Which two districts?" if word == SupervisorWord.NOT_YET else "",
            answered_at=clock.now() if word else None,
        )
    )
    asked.token_hash = fingerprint(agreement_queries.token(asked))
    return asked


def _of_help(enrolment: Enrolment, language: str) -> Iterator[tuple[str, OutgoingEmail]]:
    """Activities that fall due, and an answer to a request."""
    plan = db.session.scalars(sa.select(ActionPlan).where(ActionPlan.enrolment_id == enrolment.id)).one()
    first, second, *_rest = db.session.scalars(sa.select(Activity).where(Activity.plan_id == plan.id)).all()
    address = f"someone-{enrolment.cohort.theme.programme_id}@example.org"
    values = {"enrolment_id": enrolment.id, "address": address, "language": language, "due_at": clock.now()}
    notice = make.add(DueNotice(**values, token_hash=f"due {enrolment.id}"))
    for activity, what in ((first, DueWhat.FIRST_STEP), (second, DueWhat.ACTIVITY)):
        day = clock.now().date() + timedelta(days=5)
        make.add(DueLine(notice_id=notice.id, activity_id=activity.id, what=what, due_on=day))
    yield "due activities", _enqueue(due.KIND, due.about(notice), address, language, {"notice_id": notice.id})
    case = make.add(
        HelpCase(
            plan_id=plan.id,
            activity_id=first.id,
            state=CaseState.ANSWERED,
            due_on=make.NOW.date(),
            opened_at=make.NOW,
            answer="Ask the cooperative bank.\nSay that we sent you.",
        )
    )
    yield (
        "help answered",
        _enqueue("help-answered", f"help_cases:{case.id}", address, language, {"case": case.id}),
    )


def _of_account(language: str, name: str) -> Iterator[tuple[str, OutgoingEmail]]:
    """Accounts speak the languages of staff."""
    spoken = language if language in {"en", "id"} else "en"
    for purpose in LinkPurpose:
        user = make.user(name=name, language=spoken)
        links.send(user, purpose, clock.now())
        yield f"account {purpose}", outbox_queries.about(f"users:{user.id}")[0]
