"""One object of every kind in each of two programmes, and one person of every role on the first.

A new kind of object: make it in `_programme`, and give its id under the name that addresses use for it.
"""

import io
import zlib
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import factories as make
from factories import NOW, add
from PIL import Image

from trainingapp import clock, tokens
from trainingapp.accounts.models import LinkPurpose, LoginSession, PasswordLink, User
from trainingapp.accounts.sessions import LONGEST
from trainingapp.archives import maps
from trainingapp.archives.models import Archive, ArchiveDraft
from trainingapp.cases.models import HelpCase, HostSolution, Material
from trainingapp.cohorts.models import CohortPartner, CohortPlace, CountryQuota, Enrolment, PartnerRole
from trainingapp.datasets.models import Release
from trainingapp.datasets.words import TABLES
from trainingapp.db import db
from trainingapp.feedback.models import CommentReview, CommentState, CommentTag, Tag
from trainingapp.feedback.promises.models import Promise
from trainingapp.feedback.themes.models import ProposalState, ProposedTheme, ThemeProposal, ThemeQuote
from trainingapp.files import actions as files
from trainingapp.files.models import StoredFile
from trainingapp.followups.models import Invitation, InvitationState, LeftOut, Schedule, Wave, WaveState
from trainingapp.followups.rescue.models import Helper, HelperRole, RescueCause, RescueTask
from trainingapp.impact.frames.models import FrameIndicator, MonitoringRound
from trainingapp.impact.models import Feed
from trainingapp.impact.publication.models import Publication, PublicPage
from trainingapp.impact.references.models import (
    ReferenceActivity,
    ReferenceFile,
    ReferenceIndicator,
    ReferenceLink,
)
from trainingapp.imports.models import ImportBatch, ImportRow, ImportState, Verdict
from trainingapp.inbound.models import BounceEvent
from trainingapp.inbound.verdicts import Kind
from trainingapp.outbox.models import OutgoingEmail
from trainingapp.participants.models import ContactPoint
from trainingapp.plans.models import (
    ActionPlan,
    Activity,
    ActivityState,
    Indicator,
    PlanComment,
    PlanState,
)
from trainingapp.plans.progress.models import (
    ActivityReport,
    Blocker,
    Evidence,
    EvidenceKind,
    EvidenceLevel,
    ProgressUpdate,
    Source,
)
from trainingapp.programmes.frame_models import FrameKind, ReferenceFrame
from trainingapp.programmes.models import Membership, Programme, Role
from trainingapp.replies.models import EmailReply, Outcome
from trainingapp.reports import actions as reports
from trainingapp.responses.models import Answer, Response, ResponseState
from trainingapp.submissions.models import Submission, SubmissionState
from trainingapp.surveys.bank.models import BankQuestion, BankWording
from trainingapp.surveys.models import Audience, Level, Question, Survey, SurveyVersion
from trainingapp.visits.models import NoteCard, VisitGroup, VisitPlace
from trainingapp.visits.session_models import AgendaSession
from trainingapp.voices.models import Voice, VoiceState

ROLES = (
    "anonymous",
    "participant",
    "organiser",
    "coordinator",
    "reviewer",
    "focal_point",
    "viewer",
    "administrator",
)
ENOUGH_TO_SHOW = 5  # fewer, and no page shows their words
# The same in every programme: they choose a form of the same thing, not a thing.
FORMS = {
    "kind": "csv",
    "ending": "csv",
    "paper": "pdf",
    "blocker": "finance",
    "verb": "hold",
    "fate": "arrived",
    "how": "reached",
    "day": "2019-07-30",
    "filename": "app.css",
    "path": "app.css",
    "wish": "later",
    "key": "words",
    "whom": "supervisors",
    "table": "editions",
    "country": "NP",
    "shape": "txt",
    # Frames belong to every programme; `_frame` makes the only ones.
    "frame_id": 1,
    "frame_indicator_id": 1,
    "monitoring_id": 1,
    "reference_id": 1,
    "reference_link_id": 1,
}


@dataclass
class World:
    own: dict[str, Any] = field(default_factory=dict)  # name in an address -> value
    other: dict[str, Any] = field(default_factory=dict)
    users: dict[str, int] = field(default_factory=dict)  # role -> user id


def session_token(user_id: int) -> str:
    return f"session of user {user_id}"


def build() -> World:
    """Commits."""
    world = World()
    for role in ROLES[1:]:
        world.users[role] = _user().id
    db.session.get_one(User, world.users["administrator"]).is_administrator = True
    _frame()
    own = make.programme()
    for role in Role:
        _grant(world.users[role.value], own, role)
    world.own = {**FORMS, **_programme(own, world.users["participant"], world.users["viewer"])}
    other, elsewhere = make.programme(), _user()
    _grant(elsewhere.id, other, Role.VIEWER)
    world.other = {**FORMS, **_programme(other, _user().id, elsewhere.id)}
    db.session.commit()
    return world


def _frame() -> None:
    facts = {"key": "results", "name": "Results", "source": "Ours", "loaded_at": NOW}
    frame = add(ReferenceFrame(kind=FrameKind.RESULTS, valid_from=NOW.date().replace(year=2016), **facts))
    add(FrameIndicator(frame_id=frame.id, code="R1", name="Water", counted_in="litres", position=1))
    add(MonitoringRound(frame_id=frame.id, name="First", due_on=NOW.date(), added_at=NOW))
    file = add(ReferenceFile(sha256="0" * 64, name="others.xml", read_at=NOW))
    activity = add(ReferenceActivity(file_id=file.id, identifier="XM-EX-1-A1", version=1, title="Theirs"))
    indicator = add(ReferenceIndicator(activity_id=activity.id, position=1, title="Water"))
    add(ReferenceLink(indicator_id=indicator.id, frame_indicator_id=1, linked_at=NOW))


def _fed(indicator: Indicator, programme: Programme) -> dict[str, Any]:
    facts = {"counted_as": "person 1", "contribution": "She found the scale.", "linked_at": NOW}
    feed = add(Feed(programme_id=programme.id, indicator_id=indicator.id, frame_indicator_id=1, **facts))
    shown = {"title": "So far", "as_of": NOW.date(), "level": EvidenceLevel.CLAIMED, "published_at": NOW}
    publication = add(Publication(programme_id=programme.id, **shown))
    return {
        "indicator_id": indicator.id,
        "feed_id": feed.id,
        "publication_id": publication.id,
        "submission_id": _handed_in(programme).id,
        **_released(programme),
    }


def _handed_in(programme: Programme) -> Submission:
    return add(
        Submission(
            programme_id=programme.id,
            kind="galaxy",
            language="en",
            texts={"title": "Looms that pay"},
            state=SubmissionState.HANDED_IN,
            handed_in_on=NOW.date(),
            made_at=NOW,
            changed_at=NOW,
        )
    )


def _released(programme: Programme) -> dict[str, Any]:
    """A data set, and the programme's page for donors open to anybody."""
    add(PublicPage(programme_id=programme.id, is_open=True, changed_at=NOW))
    release = add(
        Release(
            programme_id=programme.id,
            number=1,
            licence="CC0-1.0",
            as_of=NOW.date(),
            k=5,
            levels=[2, 2, 1, 1, 1],
            check={"k": 5, "smallest": {}, "rows": dict.fromkeys(TABLES, 0), "left_out": {}, "silent": {}},
            sha256="0" * 64,
            data=b"zip",
            size=3,
            groups=zlib.compress(b"{}"),
            made_at=NOW,
            published_at=NOW,
        )
    )
    return {"number": release.number, "release_id": release.id}


def _report(cohort: Any, writer_id: int) -> dict[str, Any]:
    """One that is out."""
    writer, level = db.session.get_one(User, writer_id), EvidenceLevel.CLAIMED
    asked = {"title": "What came of it", "language": "en", "as_of": NOW.date(), "level": level}
    now = NOW + timedelta(days=2)
    report = reports.begin(cohort.theme.programme, cohort, asked, writer, now)
    reports.publish(report, writer, now)
    return {"report_id": report.id, "section": "short"}


def _user() -> User:
    user = make.user(password_hash="!")
    now = clock.now()
    add(
        LoginSession(
            token_hash=tokens.fingerprint(session_token(user.id)),
            user_id=user.id,
            began_at=now,
            ends_at=now + LONGEST,
            device="test",
        )
    )
    return user


def _grant(user_id: int, programme: Programme, role: Role) -> None:
    country = "NP" if role == Role.FOCAL_POINT else ""
    add(Membership(user_id=user_id, programme_id=programme.id, role=role, country=country))


def _programme(programme: Programme, participant_user_id: int, viewer_id: int) -> dict[str, Any]:
    theme = make.theme(programme)
    cohort = make.cohort(theme)
    add(CohortPlace(cohort_id=cohort.id, name="Bandung", time_zone="Asia/Jakarta"))
    add(CohortPartner(cohort_id=cohort.id, name="Colombo Plan", role=PartnerRole.FUNDER))
    add(CountryQuota(cohort_id=cohort.id, country="NP", places=3))
    person = make.participant(
        email=f"person-of-{programme.id}@example.org", user_id=participant_user_id, sort_name="sita"
    )
    enrolment = make.enrolment(cohort, person)
    left_out = make.enrolment(cohort)
    point = db.session.query(ContactPoint).filter_by(participant_id=person.id).one()
    viewer = {
        "user_id": viewer_id,
        "membership_id": db.session.query(Membership).filter_by(user_id=viewer_id).one().id,
        "session_id": db.session.query(LoginSession).filter_by(user_id=viewer_id).one().id,
        "token": _password_link(viewer_id),
    }
    return {
        **viewer,
        "slug": programme.slug,
        "programme_id": programme.id,
        "theme_id": theme.id,
        "cohort_id": cohort.id,
        "participant_id": person.id,
        "point_id": point.id,
        "enrolment_id": enrolment.id,
        **_visit(cohort, enrolment),
        **_plan(enrolment, viewer_id),
        **_import(cohort, viewer_id),
        **_bank(programme, viewer_id),
        **_followup(programme, cohort, enrolment, left_out, viewer_id),
        **_report(cohort, viewer_id),
    }


def _password_link(user_id: int) -> str:
    token = tokens.issue("password", user_id)
    add(
        PasswordLink(
            user_id=user_id,
            purpose=LinkPurpose.RESET,
            nonce=str(user_id),
            token_hash=tokens.fingerprint(token),
            expires_at=clock.now() + timedelta(hours=1),
        )
    )
    return token


def _visit(cohort: Any, enrolment: Enrolment) -> dict[str, Any]:
    host = make.host(cohort.theme.programme)
    visit = make.site_visit(cohort, host)
    group = add(VisitGroup(visit_id=visit.id, name="A"))
    add(VisitPlace(visit_id=visit.id, enrolment_id=enrolment.id, group_id=group.id))
    card = add(
        NoteCard(
            visit_id=visit.id,
            enrolment_id=enrolment.id,
            text="A price list on the wall",
            file_id=_photo().id,
            wants_contact=True,
            written_at=NOW,
        )
    )
    taught = add(AgendaSession(cohort_id=cohort.id, title="Costing", held_on=cohort.starts_on))
    ids = {"host_id": host.id, "visit_id": visit.id, "group_id": group.id, "card_id": card.id}
    return {**ids, "agenda_session_id": taught.id}


def _photo() -> StoredFile:
    picture = io.BytesIO()
    Image.new("RGB", (4, 4), "white").save(picture, "JPEG")
    return files.keep(picture.getvalue(), "wall.jpg", NOW)


def _plan(enrolment: Enrolment, author_id: int) -> dict[str, Any]:
    plan = add(
        ActionPlan(
            enrolment_id=enrolment.id,
            title="Cleaner dyes",
            state=PlanState.SUBMITTED,
            submitted_at=NOW,
            saved_at=NOW,
        )
    )
    activity = add(Activity(plan_id=plan.id, position=1, what="Buy a scale"))
    indicator = add(Indicator(plan_id=plan.id, position=1, name="Water", unit="litres"))
    fed = _fed(indicator, enrolment.cohort.theme.programme)
    comment = add(PlanComment(plan_id=plan.id, author_id=author_id, text="Who pays?", written_at=NOW))
    named = {"plan_id": plan.id, "activity_id": activity.id, "comment_id": comment.id}
    return {**named, **fed, **_told(plan, activity)}


def _told(plan: ActionPlan, activity: Activity) -> dict[str, Any]:
    _got_over(plan, activity)
    update = add(ProgressUpdate(plan_id=plan.id, source=Source.SELF, started_at=NOW, reported_at=NOW))
    report = add(
        ActivityReport(update_id=update.id, activity_id=activity.id, state=ActivityState.DONE, is_latest=True)
    )
    file = files.keep(f"%PDF-1.4 of plan {plan.id}".encode(), "list.pdf", NOW)
    shown = add(
        Evidence(
            update_id=update.id,
            activity_id=activity.id,
            kind=EvidenceKind.FILE,
            file_id=file.id,
            added_at=NOW,
        )
    )
    case = add(HelpCase(plan_id=plan.id, activity_id=activity.id, due_on=NOW.date(), opened_at=NOW))
    return {"line": f"a-{report.id}", "evidence_id": shown.id, "case_id": case.id, **_library(plan, file)}


def _got_over(plan: ActionPlan, activity: Activity) -> None:
    """It was stuck once, and is done."""
    earlier = add(ProgressUpdate(plan_id=plan.id, source=Source.SELF, started_at=NOW, reported_at=NOW))
    stuck = {"state": ActivityState.BLOCKED, "blocker": Blocker.FINANCE}
    add(ActivityReport(update_id=earlier.id, activity_id=activity.id, **stuck))
    activity.state = ActivityState.DONE


def _library(plan: ActionPlan, file: StoredFile) -> dict[str, Any]:
    programme = plan.enrolment.cohort.theme.programme
    solution = add(
        HostSolution(
            host_id=make.host(programme).id,
            blocker=Blocker.FINANCE,
            how="Lends in turn",
            agreed_on=NOW.date(),
            agreed_by="The owner",
        )
    )
    facts = {"blockers": ["finance"], "languages": ["en"], "added_at": NOW, "added_by_id": make.user().id}
    material = add(Material(programme_id=programme.id, title="Loans", file_id=file.id, **facts))
    return {"solution_id": solution.id, "material_id": material.id}


def _import(cohort: Any, user_id: int) -> dict[str, Any]:
    batch = add(
        ImportBatch(
            cohort_id=cohort.id,
            uploaded_by_id=user_id,
            uploaded_at=NOW,
            file_name="people.csv",
            headings=["Name"],
            mapping={"0": "full_name"},
            state=ImportState.REVIEW,
        )
    )
    add(
        ImportRow(
            batch_id=batch.id,
            number=2,
            cells=["Karma"],
            values={"full_name": "Karma", "country": "BT"},
            verdict=Verdict.NEW,
        )
    )
    return {"batch_id": batch.id, "number": 2}


def _bank(programme: Programme, user_id: int) -> dict[str, Any]:
    """A question in the bank, old answers, and a file that waits to be mapped."""
    entry = add(
        BankQuestion(
            programme_id=programme.id, key="words", kind="long_text", level=Level.REACTION, made_at=NOW
        )
    )
    add(BankWording(question_id=entry.id, number=1, wording={"en": "Why?"}, written_at=NOW))
    survey = add(Survey(programme_id=programme.id, key="old", title="Asked in 2019"))
    version = add(SurveyVersion(survey_id=survey.id, number=1, published_at=NOW, asked_elsewhere=True))
    archive = add(
        Archive(
            survey_version_id=version.id,
            source="Google Forms, 2019",
            file_name="old.csv",
            file_hash="0" * 64,
            mapping={},
            rows=0,
            brought_in_at=NOW,
        )
    )
    draft = add(
        ArchiveDraft(
            programme_id=programme.id,
            file_name="older.csv",
            content=b"Why?\nFor fun",
            mapping=maps.write(maps.Map(survey="older")),
            made_at=NOW,
            made_by_id=user_id,
        )
    )
    return {
        "entry_id": entry.id,
        "archive_id": archive.id,
        "draft_id": draft.id,
    }


def _followup(
    programme: Programme, cohort: Any, enrolment: Enrolment, left_out: Enrolment, user_id: int
) -> dict[str, Any]:
    survey = add(Survey(programme_id=programme.id, key="m6", title="After six months"))
    version = add(SurveyVersion(survey_id=survey.id, number=1, published_at=NOW))
    newer = add(SurveyVersion(survey_id=survey.id, number=2, published_at=NOW))
    question = add(
        Question(version_id=version.id, key="words", kind="long_text", position=1, wording={"en": "Why?"})
    )
    schedule = add(Schedule(cohort_id=cohort.id))
    today = clock.today("UTC")
    wave = add(
        Wave(
            schedule_id=schedule.id,
            survey_version_id=version.id,
            offset_months=6,
            opens_on=today,
            closes_on=today + timedelta(days=28),
            state=WaveState.OPEN,
        )
    )
    missing = add(LeftOut(wave_id=wave.id, enrolment_id=left_out.id, reason="no_address"))
    token, invitation, response, answer = _answered(wave, question, enrolment)
    for _each in range(ENOUGH_TO_SHOW):
        _answered(wave, question, make.enrolment(cohort))
    stored = files.keep(b"%PDF-1.4 ", "letter.pdf", NOW)
    added = add(Answer(response_id=response.id, question_id=question.id, item="file", file_id=stored.id))
    review = add(
        CommentReview(answer_id=answer.id, state=CommentState.READ, changed_by_id=user_id, changed_at=NOW)
    )
    tag = add(Tag(programme_id=programme.id, name="boiler"))
    add(CommentTag(review_id=review.id, tag_id=tag.id))
    proposal = add(
        ThemeProposal(
            cohort_id=cohort.id, asked_by_id=user_id, asked_at=NOW, state=ProposalState.READY, comments=15
        )
    )
    proposed = add(ProposedTheme(proposal_id=proposal.id, name="Boilers", words=["boiler"]))
    add(ThemeQuote(theme_id=proposed.id, answer_id=answer.id))
    promise = add(
        Promise(
            cohort_id=cohort.id, said={"en": "Cold"}, did={"en": "A boiler"}, shown_at=NOW, written_at=NOW
        )
    )
    email = add(
        OutgoingEmail(
            dedupe_key=f"invitation:{invitation.id}",
            message_id=f"<{invitation.id}@localhost>",
            kind="invitation",
            topic="follow-up",
            about=f"invitation:{invitation.id}",
            address="person@example.org",
            domain="example.org",
            language="en",
            facts={"invitation_id": invitation.id},
            next_attempt_at=NOW,
            created_at=NOW,
        )
    )
    task = add(
        RescueTask(
            enrolment_id=enrolment.id,
            invitation_id=invitation.id,
            cause=RescueCause.SILENT,
            opened_at=NOW,
            due_on=NOW.date(),
        )
    )
    asked = _voices(schedule, enrolment)
    helper = add(
        Helper(enrolment_id=enrolment.id, role=HelperRole.SUPERVISOR, name="Head", email="head@example.org")
    )
    return {
        "survey_id": survey.id,
        "version_id": version.id,
        "other_id": newer.id,
        "question_id": question.id,
        "wave_id": wave.id,
        "left_out_id": missing.id,
        "invitation_id": invitation.id,
        "reply_id": _reply(invitation).id,
        "page_id": token,
        "response_id": response.id,
        "answer_id": answer.id,
        "file_answer_id": added.id,
        "review_id": review.id,
        "tag_id": tag.id,
        "proposed_id": proposed.id,
        "promise_id": promise.id,
        "email_id": email.id,
        "task_id": task.id,
        "helper_id": helper.id,
        "round_id": asked.round_id,
        "voice_id": asked.id,
        "subject_id": asked.enrolment_id,
        "event_id": _returned(email).id,
    }


def _voices(schedule: Schedule, enrolment: Enrolment) -> Voice:
    """A round of which enough answered, and the one supervisor who has not."""
    programme_id = schedule.cohort.theme.programme_id
    survey = add(
        Survey(programme_id=programme_id, key="boss", title="Supervisors", audience=Audience.SUPERVISORS)
    )
    version = add(SurveyVersion(survey_id=survey.id, number=1, published_at=NOW))
    of = make.voice_round(schedule, version)
    for _each in range(ENOUGH_TO_SHOW):
        response = add(Response(state=ResponseState.SENT, language="en", saved_at=NOW, sent_at=NOW))
        voice = make.voice(of, make.enrolment(schedule.cohort), state=VoiceState.ANSWERED, answered_at=NOW)
        voice.response_id = response.id
    return make.voice(of, enrolment)


def _reply(invitation: Invitation) -> EmailReply:
    return add(
        EmailReply(
            raw_hash=f"{invitation.id:064x}",
            invitation_id=invitation.id,
            received_at=NOW,
            sender="sita@example.org",
            text="The laboratory waits",
            outcome=Outcome.UNCLEAR,
        )
    )


def _returned(email: OutgoingEmail) -> BounceEvent:
    return add(
        BounceEvent(
            raw_hash=f"{email.id:064d}",
            received_at=NOW,
            kind=Kind.HARD,
            recipients=[email.address],
            sender="mailer-daemon@example.org",
            subject="Undelivered",
            words="550 No such user",
            head="From: mailer-daemon@example.org",
        )
    )


def _answered(
    wave: Wave, question: Question, enrolment: Enrolment
) -> tuple[str, Invitation, Response, Answer]:
    token = tokens.issue("invitation", enrolment.id, 1)
    invitation = add(
        Invitation(
            id=enrolment.id,
            wave_id=wave.id,
            enrolment_id=enrolment.id,
            state=InvitationState.SENT,
            address="person@example.org",
            language="en",
            time_zone="Asia/Kathmandu",
            token_hash=tokens.fingerprint(token),
            due_at=NOW,
            sent_at=NOW,
            started_at=NOW,
        )
    )
    response = add(
        Response(
            wave_id=wave.id,
            invitation_id=invitation.id,
            state=ResponseState.SENT,
            language="en",
            saved_at=NOW,
            sent_at=NOW,
        )
    )
    answer = add(Answer(response_id=response.id, question_id=question.id, text="The boiler is late."))
    return token, invitation, response, answer
