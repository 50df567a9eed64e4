"""A sender as most write it: a Celery task a mail, acknowledged late, that asks the row whether it went.

celery -A tests.chaos.naive worker
"""

import os
import smtplib
from email.message import EmailMessage
from urllib.parse import urlsplit

from celery import Celery, Task

from trainingapp import create_app
from trainingapp.db import db
from trainingapp.outbox.models import EmailState, OutgoingEmail

RECOVERY = 4  # seconds until the broker gives a dead worker's task to another
PERMANENT = 500

flask_app = create_app()
app = Celery("naive", broker=os.environ["REDIS_URL"])
app.conf.update(
    task_ignore_result=True,
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    worker_prefetch_multiplier=1,
    broker_connection_retry_on_startup=True,
    broker_transport_options={"visibility_timeout": RECOVERY},
)


@app.task(name="naive", bind=True, max_retries=None)
def send(self: Task, number: int) -> None:
    with flask_app.app_context():
        email = db.session.get_one(OutgoingEmail, number)
        if email.state in {EmailState.SENT, EmailState.FAILED}:
            return
        message = EmailMessage()
        message["From"], message["To"] = "lanjut@example.org", email.address
        message["Message-ID"], message["Subject"] = email.message_id, "Six months on"
        message.set_content("How did it go?\n")
        db.session.rollback()
        relay = urlsplit(os.environ["SMTP_URL"])
        try:
            with smtplib.SMTP(relay.hostname or "", relay.port or 25, timeout=3) as line:
                line.send_message(message)
            email.state = EmailState.SENT
        except smtplib.SMTPRecipientsRefused as problem:
            if next(iter(problem.recipients.values()))[0] < PERMANENT:
                raise self.retry(exc=problem, countdown=1) from problem
            email.state = EmailState.FAILED
        except (OSError, smtplib.SMTPException) as problem:
            raise self.retry(exc=problem, countdown=1) from problem
        db.session.commit()
