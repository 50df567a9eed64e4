"""In the try-out a mail to returned.example comes back, and is understood."""

import smtplib

import servers
from aiosmtpd.controller import Controller
from factories import NOW
from samples import WRITTEN, return_path

from trainingapp.inbound import intake
from trainingapp.inbound.inboxes import Maildir
from trainingapp.local.mailbox import Postman
from trainingapp.outbox.models import EmailState


def test_a_newcomer_sees_a_bounce_come_back(send, tmp_path):
    email = send("sita@returned.example")
    written = WRITTEN.format(message_id=email.message_id, return_path="")
    controller = Controller(Postman(tmp_path), hostname="127.0.0.1", port=servers.free_port())
    controller.start()
    try:
        with smtplib.SMTP("127.0.0.1", controller.port) as client:
            client.sendmail(return_path(email), ["sita@returned.example"], written)
            client.sendmail(return_path(email), ["hari@example.org"], written)
    finally:
        controller.stop()
    assert intake.turn(Maildir(tmp_path / "returned"), lambda: NOW) == {"hard": 1}
    assert email.state is EmailState.BOUNCED
    assert email.last_text == "smtp; 550 5.1.1 This person has left"
