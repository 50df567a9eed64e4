"""What was made of comments: owners, translations, themes, and promises open, kept and dropped."""

from datetime import datetime, timedelta
from random import Random

import sqlalchemy as sa

from trainingapp.accounts.models import User
from trainingapp.cohorts.models import Cohort
from trainingapp.db import db
from trainingapp.demo.editions import MadeCohort
from trainingapp.demo.sign_ins import HOST
from trainingapp.feedback.models import CommentReview, CommentState
from trainingapp.feedback.promises import queries as promises
from trainingapp.feedback.promises.models import Promise, PromiseState
from trainingapp.feedback.themes import actions as theming
from trainingapp.feedback.themes import proposing
from trainingapp.feedback.themes import queries as themes
from trainingapp.feedback.themes.models import ProposalState, ThemeProposal
from trainingapp.responses.models import Answer

TRANSLATED = 12
IN_ENGLISH = {
    "Kunjungan ke koperasi": "The cooperative visit was very useful. My village has a common price list now.",
    "Materi bagus": "Good material, but too little time for discussion.",
    "Kami sudah melatih": "We have trained fifteen artisans; three of them now sell online.",
    "Le contact avec": "Contact with the hosts goes on by telephone; they always answer.",
    "Il faudrait plus": "More time is needed for the action plan; the last day was too short.",
    "Sertifikat": "The hygiene certificate took five months; sales went up.",
}
SAID = (
    (
        {
            "en": "Forty minutes with six owners were too short.",
            "id": "Empat puluh menit dengan enam pemilik usaha terlalu singkat.",
        },
        {
            "en": "Each visit takes a full morning, in two groups instead of three.",
            "id": "Setiap kunjungan berlangsung sepanjang pagi, dalam dua kelompok.",
        },
        PromiseState.KEPT,
        "",
    ),
    (
        {
            "en": "Interpretation was missing in the workshops.",
            "fr": "L'interprétation manquait dans les ateliers.",
        },
        {
            "en": "An interpreter goes along to every workshop.",
            "fr": "Un interprète accompagne chaque atelier.",
        },
        PromiseState.PROMISED,
        "",
    ),
    (
        {"en": "People would like to meet those of other years who work on finance."},
        {"en": "We begin a messaging group for alumni by subject."},
        PromiseState.DROPPED,
        "Too few wanted to look after it. The yearly meeting has an hour for each subject instead.",
    ),
    (
        {
            "en": "The last day left too little time for the action plan.",
            "id": "Hari terakhir terlalu singkat untuk rencana aksi.",
        },
        {
            "en": "Planning begins on the third day, with an hour each afternoon.",
            "id": "Penyusunan rencana mulai hari ketiga, satu jam setiap sore.",
        },
        PromiseState.PROMISED,
        "",
    ),
)


def make(rng: Random, cohorts: list[MadeCohort], now: datetime) -> None:
    reader = db.session.scalars(sa.select(User).where(User.email == f"coordinator@{HOST}")).one()
    _translate(reader)
    asked = [made.row for made in cohorts if made.row.ends_on < now.date()]
    asked = sorted(asked, key=lambda cohort: cohort.starts_on)[-3:]
    for place, cohort in enumerate(asked):
        _promise(rng, cohort, reader, now, place)
    everyone = [made.row for made in cohorts]
    _themes(max(everyone, key=lambda cohort: len(themes.texts(cohort))), reader, now)
    for cohort, state in zip(asked, (ProposalState.TOO_FEW, ProposalState.FAILED), strict=False):
        db.session.add(
            ThemeProposal(cohort_id=cohort.id, asked_by_id=reader.id, asked_at=now, state=state, comments=9)
        )
    db.session.flush()


def _translate(reader: User) -> None:
    """Beside comments in other languages; the first of them is with the coordinator."""
    query = (
        sa.select(CommentReview, Answer.text)
        .join(Answer, Answer.id == CommentReview.answer_id)
        .order_by(CommentReview.id)
    )
    found = [
        (review, english)
        for review, text in db.session.execute(query)
        for start, english in IN_ENGLISH.items()
        if (text or "").startswith(start)
    ]
    for place, (review, english) in enumerate(found[:TRANSLATED]):
        review.translation, review.translated_into = english, "en"
        if place % 3 == 0:
            review.owner_id, review.state = reader.id, CommentState.FLAGGED


def _promise(rng: Random, cohort: Cohort, reader: User, now: datetime, place: int) -> None:
    texts = themes.texts(cohort)
    told = sorted(promises.quotable([number for number, _text in texts]))  # may be told to others
    for nth, (said, did, state, reason) in enumerate(SAID):
        answer_id = rng.choice(texts)[0] if texts and nth % 2 == 0 else None
        answer_id = told[0] if told and nth == 0 else answer_id
        made = now - timedelta(days=20 * (3 - place) + nth)
        db.session.add(
            Promise(
                cohort_id=cohort.id,
                answer_id=answer_id,
                said=said,
                did=did,
                shows_quote=answer_id is not None and promises.may_be_quoted(answer_id),
                owner_id=reader.id if nth != 1 else None,
                due_on=(now + timedelta(days=30 * nth - 20)).date(),
                state=state,
                reason=reason,
                shown_at=made if nth != len(SAID) - 1 else None,
                written_at=made,
                settled_at=None if state is PromiseState.PROMISED else now,
            )
        )


def _themes(cohort: Cohort, reader: User, now: datetime) -> None:
    """Proposed as a worker does it; one is accepted under a better name, one rejected."""
    texts = themes.texts(cohort)
    proposal = ThemeProposal(
        cohort_id=cohort.id, asked_by_id=reader.id, asked_at=now, state=ProposalState.WAITING
    )
    db.session.add(proposal)
    db.session.flush()
    theming.keep(proposal, texts, proposing.propose([text for _answer, text in texts]))
    first, *_others, last = [one.theme for one in themes.of(proposal)]
    theming.accept(first, reader.id, now)
    theming.reject(last)
