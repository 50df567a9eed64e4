"""The bounce of a try-out: a delivery report (RFC 3464) about a mail to an address at returned.example."""

from email.message import Message
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.parser import BytesParser
from email.utils import formatdate, make_msgid

from trainingapp.local import RETURNS

REASON = "550 5.1.1 This person has left"


def report(return_path: str, recipient: str, content: bytes) -> bytes:
    made = MIMEMultipart("report", report_type="delivery-status")
    made["Return-Path"] = "<>"
    made["From"] = f"Mail Delivery System <MAILER-DAEMON@{RETURNS}>"
    made["To"] = return_path
    made["Subject"] = "Undelivered Mail Returned to Sender"
    made["Date"] = formatdate()
    made["Message-ID"] = make_msgid(domain=RETURNS)
    made["Auto-Submitted"] = "auto-replied"
    made.attach(MIMEText(f"Your message could not be delivered.\n\n<{recipient}>: {REASON}\n"))
    made.attach(_status(recipient))
    made.attach(_original(content))
    return made.as_bytes()


def _status(recipient: str) -> Message:
    server, person = Message(), Message()
    server["Reporting-MTA"] = f"dns; {RETURNS}"
    person["Final-Recipient"] = f"rfc822; {recipient}"
    person["Action"] = "failed"
    person["Status"] = "5.1.1"
    person["Diagnostic-Code"] = f"smtp; {REASON}"
    status = Message()
    status["Content-Type"] = "message/delivery-status"
    status.set_payload([server, person])
    return status


def _original(content: bytes) -> Message:
    original = Message()
    original["Content-Type"] = "message/rfc822"
    original.set_payload([BytesParser().parsebytes(content)])
    return original
