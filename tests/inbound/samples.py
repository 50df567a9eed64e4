"""Returned mail in our own words: the smallest that shows each form."""

import json
from email.message import EmailMessage

from trainingapp import tokens

WRITTEN = """\
From: followup@lanjut.example
To: sita@example.org
Message-ID: {message_id}
Subject: Six months later
Return-Path: <{return_path}>

Dear Sita
"""


def notice(
    words, *, subject="Undelivered Mail Returned to Sender", sender="MAILER-DAEMON@mx.example.org", **headers
):
    """In plain text, as a server writes to people."""
    lines = {
        "Return-Path": "<>",
        "From": sender,
        "To": "bounces@lanjut.example",
        "Subject": subject,
        **headers,
    }
    head = "".join(f"{name}: {value}\n" for name, value in lines.items())
    return f"{head}\n{words}".encode()


def report(
    status="5.1.1",
    said="smtp; 550 5.1.1 No such user here",
    *,
    action="failed",
    address="sita@example.org",
    to="bounces@lanjut.example",
    message_id="<somebody.elses@example.org>",
    return_path="bounces@lanjut.example",
    words="Your message could not be delivered.",
    more="",
):
    """RFC 3464."""
    said = f"Diagnostic-Code: {said}\n" if said else ""
    original = WRITTEN.format(message_id=message_id, return_path=return_path)
    return f"""\
Return-Path: <>
From: Mail Delivery System <MAILER-DAEMON@mx.example.org>
To: {to}
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="cut"

--cut
Content-Type: text/plain

{words}

--cut
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.org

Final-Recipient: rfc822; {address}
Action: {action}
Status: {status}
{said}{more}
--cut
Content-Type: message/rfc822

{original}
--cut--
""".encode()


def complaint(kind="abuse", *, to="bounces@lanjut.example", message_id="<a@b.example>"):
    """RFC 5965."""
    original = WRITTEN.format(message_id=message_id, return_path="bounces@lanjut.example")
    return f"""\
Return-Path: <fbl@provider.example>
From: feedback@provider.example
To: {to}
Subject: FW: Six months later
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report; boundary="cut"

--cut
Content-Type: text/plain

Somebody pressed the button.

--cut
Content-Type: message/feedback-report

Feedback-Type: {kind}
User-Agent: Provider/1.0
Version: 1
Original-Rcpt-To: <Sita@example.org>

--cut
Content-Type: message/rfc822

{original}
--cut--
""".encode()


def absence(*, to="bounces@lanjut.example", message_id="<a@b.example>"):
    """RFC 3834."""
    return f"""\
Return-Path: <>
From: Sita <sita@example.org>
To: {to}
Subject: Automatic reply: Six months later
In-Reply-To: {message_id}
Auto-Submitted: auto-replied

I am out of the office until 3 May. For anything urgent write to the help desk;
a mail that says "user unknown" is nothing to worry about.
""".encode()


def receipt():
    """RFC 8098."""
    return b"""\
From: sita@example.org
To: bounces@lanjut.example
Subject: Read: Six months later
MIME-Version: 1.0
Content-Type: multipart/report; report-type=disposition-notification; boundary="cut"

--cut
Content-Type: text/plain

Your message was displayed.

--cut
Content-Type: message/disposition-notification

Final-Recipient: rfc822; sita@example.org
Disposition: manual-action/MDN-sent-manually; displayed

--cut--
"""


def letter(words="See you in Jakarta.", **headers):
    """From a person."""
    made = EmailMessage()
    for name, value in {
        "From": "hari@example.org",
        "To": "me@example.org",
        "Subject": "Hello",
        **headers,
    }.items():
        made[name] = value
    made.set_content(words)
    return made.as_bytes()


def return_path(email):
    return f"bounces+{email.id}.{tokens.issue('bounce', email.id)[:16]}@lanjut.example"


def told_by_amazon(event, *, wrapped=True):
    """What SES says through SNS, sent on by mail."""
    text = json.dumps(event)
    text = json.dumps({"Type": "Notification", "Message": text}, indent=2) if wrapped else text
    return notice(
        f"{text}\n\n--\nTo stop receiving these notifications, follow the link.",
        subject="AWS Notification Message",
        sender="No Reply <no-reply@sns.example>",
        **{"x-amz-sns-message-id": "02f86d9b"},
    )
