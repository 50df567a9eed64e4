"""follow-ups that lose nobody"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from trainingapp.participants.names import words

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# What the new columns say of rows that were there before them.
LONG_AGO = "'2000-01-01 00:00:00'"  # a look that is due
ASKED_NOW = "SELECT id FROM waves WHERE state IN ('open', 'held') AND opened_at IS NOT NULL"
CATCH_UP = (
    "UPDATE contact_attempts SET enrolment_id ="
    " (SELECT enrolment_id FROM invitations WHERE invitations.id = contact_attempts.invitation_id)",
    f"UPDATE invitations SET look_at = {LONG_AGO}, rescue_at = {LONG_AGO} WHERE wave_id IN ({ASKED_NOW})"
    " AND state NOT IN ('answered', 'declined', 'gone', 'closed')",
    "UPDATE outgoing_emails SET batch = (SELECT 'wave:' || wave_id FROM invitations"
    " WHERE invitations.id = CAST(substr(about, 12) AS INTEGER)) WHERE about LIKE 'invitation:%'",
    "UPDATE outgoing_emails SET priority = 0 WHERE topic = 'account'",
)


def upgrade() -> None:
    op.create_table(
        "content_faults",
        sa.Column("batch", sa.String(length=80), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("code", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("batch", name=op.f("pk_content_faults")),
    )
    op.create_table(
        "rate_buckets",
        sa.Column("sender", sa.String(length=40), nullable=False),
        sa.Column("domain", sa.String(length=255), nullable=False),
        sa.Column("paid_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("slowed_to", sa.Double(), nullable=True),
        sa.Column("slowed_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("sender", "domain", name=op.f("pk_rate_buckets")),
    )
    op.create_table(
        "bounce_events",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("raw_hash", sa.String(length=64), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "hard",
                "soft",
                "blocked",
                "full",
                "complaint",
                "auto",
                "none",
                name="kind",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("is_delay", sa.Boolean(), nullable=False),
        sa.Column("code", sa.String(length=16), nullable=True),
        sa.Column("recipients", sa.JSON().with_variant(JSONB(), "postgresql"), nullable=False),
        sa.Column("sender", sa.String(length=320), nullable=False),
        sa.Column("subject", sa.String(length=500), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("head", sa.Text(), nullable=False),
        sa.Column("email_id", sa.Integer(), nullable=True),
        sa.Column(
            "matched_by",
            sa.Enum(
                "return_path",
                "message_id",
                "hand",
                "address",
                "nothing",
                name="matchedby",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("address_hmac", sa.String(length=64), nullable=True),
        sa.Column("weight", sa.Double(), nullable=False),
        sa.Column("dismissed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["email_id"], ["outgoing_emails.id"], name=op.f("fk_bounce_events_email_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bounce_events")),
        sa.UniqueConstraint("raw_hash", name=op.f("uq_bounce_events_raw_hash")),
    )
    with op.batch_alter_table("bounce_events", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_bounce_events_address_hmac_received_at"),
            ["address_hmac", "received_at"],
            unique=False,
        )
        batch_op.create_index(batch_op.f("ix_bounce_events_email_id"), ["email_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_bounce_events_received_at_id"), ["received_at", "id"], unique=False
        )

    op.create_table(
        "employments",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("participant_id", sa.Integer(), nullable=False),
        sa.Column("organisation", sa.String(length=200), nullable=False),
        sa.Column("post", sa.String(length=200), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("email", sa.String(length=320), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("before", sa.JSON().with_variant(JSONB(), "postgresql"), nullable=False),
        sa.ForeignKeyConstraint(
            ["participant_id"],
            ["participants.id"],
            name=op.f("fk_employments_participant_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_employments")),
    )
    with op.batch_alter_table("employments", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_employments_participant_id_id"), ["participant_id", "id"], unique=False
        )

    op.create_table(
        "contact_checks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("participant_id", sa.Integer(), nullable=False),
        sa.Column("enrolment_id", sa.Integer(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "planned",
                "sent",
                "confirmed",
                "changed",
                "not_delivered",
                name="checkstate",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("address", sa.String(length=320), nullable=False),
        sa.Column("language", sa.String(length=16), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["enrolment_id"],
            ["enrolments.id"],
            name=op.f("fk_contact_checks_enrolment_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["participant_id"],
            ["participants.id"],
            name=op.f("fk_contact_checks_participant_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact_checks")),
        sa.UniqueConstraint("participant_id", "year", name=op.f("uq_contact_checks_participant_id_year")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_contact_checks_token_hash")),
    )
    with op.batch_alter_table("contact_checks", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_contact_checks_enrolment_id"), ["enrolment_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_contact_checks_year_state"), ["year", "state"], unique=False)

    op.create_table(
        "enrolment_words",
        sa.Column("enrolment_id", sa.Integer(), nullable=False),
        sa.Column(
            "word",
            sa.String(length=60).with_variant(sa.String(length=60, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("cohort_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["enrolment_id"],
            ["enrolments.id"],
            name=op.f("fk_enrolment_words_enrolment_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("enrolment_id", "word", name=op.f("pk_enrolment_words")),
    )
    with op.batch_alter_table("enrolment_words", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_enrolment_words_cohort_id_word_enrolment_id"),
            ["cohort_id", "word", "enrolment_id"],
            unique=False,
        )

    op.create_table(
        "helpers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("enrolment_id", sa.Integer(), nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "supervisor", "focal_point", "colleague", name="helperrole", native_enum=False, length=40
            ),
            nullable=False,
        ),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("email", sa.String(length=320), nullable=False),
        sa.Column("phone", sa.String(length=60), nullable=False),
        sa.Column("agreed_on", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["enrolment_id"], ["enrolments.id"], name=op.f("fk_helpers_enrolment_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_helpers")),
    )
    with op.batch_alter_table("helpers", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_helpers_enrolment_id"), ["enrolment_id"], unique=False)

    op.create_table(
        "rescue_tasks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("enrolment_id", sa.Integer(), nullable=False),
        sa.Column("invitation_id", sa.Integer(), nullable=True),
        sa.Column(
            "cause",
            sa.Enum(
                "not_theirs",
                "bounced",
                "no_address",
                "moved",
                "not_sent",
                "uncertain",
                "silent",
                name="rescuecause",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum(
                "open", "waiting", "solved", "given_up", name="rescuestate", native_enum=False, length=40
            ),
            nullable=False,
        ),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=True),
        sa.Column(
            "ending",
            sa.Enum(
                "answered",
                "new_address",
                "arrived",
                "sent_again",
                "reached",
                "declined",
                "gone",
                "deceased",
                "stopped",
                "closed",
                "let_go",
                name="ending",
                native_enum=False,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["enrolment_id"], ["enrolments.id"], name=op.f("fk_rescue_tasks_enrolment_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["invitation_id"],
            ["invitations.id"],
            name=op.f("fk_rescue_tasks_invitation_id"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["users.id"], name=op.f("fk_rescue_tasks_owner_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rescue_tasks")),
    )
    with op.batch_alter_table("rescue_tasks", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_rescue_tasks_enrolment_id"), ["enrolment_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_rescue_tasks_invitation_id"), ["invitation_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_rescue_tasks_owner_id"), ["owner_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_rescue_tasks_state_due_on"), ["state", "due_on"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_rescue_tasks_state_opened_at_id"), ["state", "opened_at", "id"], unique=False
        )
        batch_op.create_index(
            "uq_rescue_tasks_live",
            ["enrolment_id"],
            unique=True,
            sqlite_where=sa.text("state IN ('open', 'waiting')"),
            postgresql_where=sa.text("state IN ('open', 'waiting')"),
        )

    with op.batch_alter_table("contact_attempts", schema=None) as batch_op:
        batch_op.add_column(sa.Column("enrolment_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("form_id", sa.String(length=22), nullable=True))
        batch_op.add_column(sa.Column("contact", sa.String(length=320), server_default="", nullable=False))
        batch_op.alter_column("invitation_id", existing_type=sa.INTEGER(), nullable=True)
        batch_op.create_index(batch_op.f("ix_contact_attempts_enrolment_id"), ["enrolment_id"], unique=False)
        batch_op.create_unique_constraint(batch_op.f("uq_contact_attempts_form_id"), ["form_id"])
        batch_op.create_foreign_key(
            batch_op.f("fk_contact_attempts_enrolment_id"),
            "enrolments",
            ["enrolment_id"],
            ["id"],
            ondelete="CASCADE",
        )

    with op.batch_alter_table("contact_points", schema=None) as batch_op:
        batch_op.add_column(sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True))

    with op.batch_alter_table("invitations", schema=None) as batch_op:
        batch_op.add_column(sa.Column("look_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(
            sa.Column(
                "messages",
                sa.Enum("go", "held", "cancelled", name="messages", native_enum=False, length=40),
                server_default="go",
                nullable=False,
            )
        )
        batch_op.add_column(sa.Column("messages_why", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("rescue_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("snoozed_until", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("snoozes", sa.Integer(), server_default="0", nullable=False))
        batch_op.add_column(sa.Column("disowned_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.drop_index(batch_op.f("ix_invitations_next_at"))
        batch_op.create_index(batch_op.f("ix_invitations_look_at_id"), ["look_at", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_invitations_rescue_at"), ["rescue_at"], unique=False)

    with op.batch_alter_table("outgoing_emails", schema=None) as batch_op:
        batch_op.add_column(sa.Column("batch", sa.String(length=80), nullable=True))
        batch_op.add_column(
            sa.Column("sender", sa.String(length=40), server_default="default", nullable=False)
        )
        batch_op.add_column(sa.Column("priority", sa.Integer(), server_default="1", nullable=False))
        batch_op.add_column(sa.Column("lane", sa.String(length=255), server_default="", nullable=False))
        batch_op.create_index(batch_op.f("ix_outgoing_emails_batch_state"), ["batch", "state"], unique=False)
        batch_op.create_index(
            "ix_outgoing_emails_claim",
            ["state", "sender", "lane", "priority", "next_attempt_at", "id"],
            unique=False,
        )

    with op.batch_alter_table("participants", schema=None) as batch_op:
        batch_op.add_column(sa.Column("agreed_to_help_on", sa.Date(), nullable=True))

    with op.batch_alter_table("plan_comments", schema=None) as batch_op:
        batch_op.add_column(sa.Column("form_id", sa.String(length=22), nullable=True))
        batch_op.create_unique_constraint(batch_op.f("uq_plan_comments_form_id"), ["form_id"])

    with op.batch_alter_table("progress_updates", schema=None) as batch_op:
        batch_op.add_column(sa.Column("form_id", sa.String(length=22), nullable=True))
        batch_op.create_unique_constraint(batch_op.f("uq_progress_updates_form_id"), ["form_id"])

    with op.batch_alter_table("schedules", schema=None) as batch_op:
        batch_op.add_column(sa.Column("check_years", sa.Integer(), server_default="5", nullable=False))
        batch_op.add_column(sa.Column("next_check_on", sa.Date(), nullable=True))
        batch_op.create_index(batch_op.f("ix_schedules_next_check_on"), ["next_check_on"], unique=False)

    with op.batch_alter_table("waves", schema=None) as batch_op:
        batch_op.add_column(sa.Column("opening_to", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("is_at_once", sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.add_column(sa.Column("problem", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("problem_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.create_index(batch_op.f("ix_waves_opening_to"), ["opening_to"], unique=False)

    for change in CATCH_UP:
        op.execute(change)
    with op.batch_alter_table("contact_attempts", schema=None) as batch_op:
        batch_op.alter_column("enrolment_id", existing_type=sa.Integer(), nullable=False)
    _index_enrolments(op.get_bind())


def _index_enrolments(connection: sa.Connection) -> None:
    """The words of those enrolled so far, in small steps."""
    names = ("full_name", "local_name", "passport_name", "certificate_name")
    people = sa.table("participants", *map(sa.column, ("id", *names)))
    said = ("id", "participant_id", "cohort_id", "organisation", "post")
    enrolments = sa.table("enrolments", *map(sa.column, said))
    found = sa.table("enrolment_words", *map(sa.column, ("enrolment_id", "cohort_id", "word")))
    texts = (*(people.c[name] for name in names), enrolments.c.organisation, enrolments.c.post)
    query = (
        sa.select(enrolments.c.id, enrolments.c.cohort_id, *texts)
        .join(people, people.c.id == enrolments.c.participant_id)
        .order_by(enrolments.c.id)
        .limit(1000)
    )
    last = 0
    while rows := connection.execute(query.where(enrolments.c.id > last)).all():
        last = rows[-1].id
        made = [
            {"enrolment_id": number, "cohort_id": cohort_id, "word": word}
            for number, cohort_id, *said_there in rows
            for word in sorted(words(said_there))
        ]
        if made:
            connection.execute(sa.insert(found), made)


def downgrade() -> None:
    op.execute(
        "DELETE FROM contact_attempts WHERE invitation_id IS NULL"
    )  # the old schema has no place for them
    with op.batch_alter_table("waves", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_waves_opening_to"))
        batch_op.drop_column("problem_at")
        batch_op.drop_column("problem")
        batch_op.drop_column("is_at_once")
        batch_op.drop_column("opening_to")

    with op.batch_alter_table("schedules", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_schedules_next_check_on"))
        batch_op.drop_column("next_check_on")
        batch_op.drop_column("check_years")

    with op.batch_alter_table("progress_updates", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("uq_progress_updates_form_id"), type_="unique")
        batch_op.drop_column("form_id")

    with op.batch_alter_table("plan_comments", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("uq_plan_comments_form_id"), type_="unique")
        batch_op.drop_column("form_id")

    with op.batch_alter_table("participants", schema=None) as batch_op:
        batch_op.drop_column("agreed_to_help_on")

    with op.batch_alter_table("outgoing_emails", schema=None) as batch_op:
        batch_op.drop_index("ix_outgoing_emails_claim")
        batch_op.drop_index(batch_op.f("ix_outgoing_emails_batch_state"))
        batch_op.drop_column("lane")
        batch_op.drop_column("priority")
        batch_op.drop_column("sender")
        batch_op.drop_column("batch")

    with op.batch_alter_table("invitations", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_invitations_rescue_at"))
        batch_op.drop_index(batch_op.f("ix_invitations_look_at_id"))
        batch_op.create_index(batch_op.f("ix_invitations_next_at"), ["next_at"], unique=False)
        batch_op.drop_column("disowned_at")
        batch_op.drop_column("snoozes")
        batch_op.drop_column("snoozed_until")
        batch_op.drop_column("rescue_at")
        batch_op.drop_column("messages_why")
        batch_op.drop_column("messages")
        batch_op.drop_column("look_at")

    with op.batch_alter_table("contact_points", schema=None) as batch_op:
        batch_op.drop_column("confirmed_at")

    with op.batch_alter_table("contact_attempts", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_contact_attempts_enrolment_id"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("uq_contact_attempts_form_id"), type_="unique")
        batch_op.drop_index(batch_op.f("ix_contact_attempts_enrolment_id"))
        batch_op.alter_column("invitation_id", existing_type=sa.INTEGER(), nullable=False)
        batch_op.drop_column("contact")
        batch_op.drop_column("form_id")
        batch_op.drop_column("enrolment_id")

    with op.batch_alter_table("rescue_tasks", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_rescue_tasks_live",
            sqlite_where=sa.text("state IN ('open', 'waiting')"),
            postgresql_where=sa.text("state IN ('open', 'waiting')"),
        )
        batch_op.drop_index(batch_op.f("ix_rescue_tasks_state_opened_at_id"))
        batch_op.drop_index(batch_op.f("ix_rescue_tasks_state_due_on"))
        batch_op.drop_index(batch_op.f("ix_rescue_tasks_owner_id"))
        batch_op.drop_index(batch_op.f("ix_rescue_tasks_invitation_id"))
        batch_op.drop_index(batch_op.f("ix_rescue_tasks_enrolment_id"))

    op.drop_table("rescue_tasks")
    with op.batch_alter_table("helpers", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_helpers_enrolment_id"))

    op.drop_table("helpers")
    with op.batch_alter_table("enrolment_words", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_enrolment_words_cohort_id_word_enrolment_id"))

    op.drop_table("enrolment_words")
    with op.batch_alter_table("contact_checks", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_contact_checks_year_state"))
        batch_op.drop_index(batch_op.f("ix_contact_checks_enrolment_id"))

    op.drop_table("contact_checks")
    with op.batch_alter_table("employments", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_employments_participant_id_id"))

    op.drop_table("employments")
    with op.batch_alter_table("bounce_events", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_bounce_events_received_at_id"))
        batch_op.drop_index(batch_op.f("ix_bounce_events_email_id"))
        batch_op.drop_index(batch_op.f("ix_bounce_events_address_hmac_received_at"))

    op.drop_table("bounce_events")
    op.drop_table("rate_buckets")
    op.drop_table("content_faults")
