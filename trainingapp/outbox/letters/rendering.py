"""From three templates to one message: subject, text, and HTML whose styles are on the elements."""

from typing import Any

from babel import Locale
from css_inline import CSSInliner
from flask import current_app
from flask_babel import force_locale

from trainingapp.outbox.kinds import Message

# Night colours and phone widths live in @media rules, which no element can carry.
_inliner = CSSInliner(keep_at_rules=True, load_remote_stylesheets=False)


def render_email(
    template: str,
    language: str,
    *,
    unsubscribe_url: str | None = None,
    reply_to: str | None = None,
    **facts: Any,
) -> Message:
    """`template` is "followups/emails/invitation"; its .subject.txt, .txt and .html are read.

    The templates extend outbox/emails/_layout.{txt,html} and see `facts`, `language`, `direction`,
    `base_url`, `subject` and `unsubscribe_url`, but nothing of a request.
    """
    locale = Locale.parse(language.replace("-", "_"))
    seen = {
        "language": str(locale).replace("_", "-"),
        "direction": locale.text_direction,
        "start": "left" if locale.text_direction == "ltr" else "right",  # Outlook knows no logical sides
        "base_url": current_app.config["BASE_URL"],
        "unsubscribe_url": unsubscribe_url,
        **facts,
    }
    with force_locale(str(locale)):
        # One line: whatever a name brings along, a subject cannot start another header.
        subject = " ".join(_fill(f"{template}.subject.txt", seen).split())
        text = _fill(f"{template}.txt", {**seen, "subject": subject}).strip() + "\n"
        html = _inliner.inline(_fill(f"{template}.html", {**seen, "subject": subject}))
    return Message(subject, text, html, unsubscribe_url, reply_to)


def _fill(name: str, seen: dict[str, Any]) -> str:
    """Past Flask's context processors, which expect a request."""
    return current_app.jinja_env.get_template(name).render(seen)
