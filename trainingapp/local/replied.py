"""The reply of a try-out: what a mail program makes of an answer that is typed under a letter."""

from email.message import EmailMessage
from email.utils import formatdate, make_msgid

from trainingapp.local import RETURNS


def reply(letter: EmailMessage, text: str) -> bytes:
    """From whom it went to, with the letter quoted below."""
    made = EmailMessage()
    made["From"] = str(letter["To"])
    made["To"] = str(letter["Reply-To"] or letter["From"])
    made["Subject"] = f"Re: {letter['Subject']}"
    made["Date"] = formatdate()
    made["Message-ID"] = make_msgid(domain=RETURNS)
    made["In-Reply-To"] = made["References"] = str(letter["Message-ID"])
    body = letter.get_body(("plain",))
    quoted = "\n".join(f"> {line}" for line in (body.get_content() if body else "").splitlines())
    made.set_content(f"{text}\n\nOn {letter['Date']}, {letter['From']} wrote:\n{quoted}\n")
    return made.as_bytes()
