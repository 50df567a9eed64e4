"""What arrives says what was written, in any script, and nothing that was written becomes a header."""

import re
from email import message_from_bytes
from email.header import decode_header, make_header
from email.policy import default
from email.utils import parseaddr

import dkim
import pytest
from clients import settings
from factories import NOW
from hypothesis import example, given
from hypothesis import strategies as st

from trainingapp import create_app
from trainingapp.config import ConfigError
from trainingapp.outbox import senders
from trainingapp.outbox.kinds import KINDS, Message, MessageKind
from trainingapp.outbox.letters import composing, signing
from trainingapp.outbox.models import OutgoingEmail

# Whatever a database keeps; a subject comes with its white space in order already (letters/rendering.py).
anything = st.text(st.characters(exclude_categories=["Cs"]), max_size=400)
scripts = st.text(
    st.sampled_from('سیتا گورونگ सीता गुरुङ Thiri Test 陈小明 👩🏽‍🏭 ‌é,"<>();:@\\=?_'), max_size=200
)
subjects = (anything | scripts).map(lambda text: " ".join(text.split()))


class Words(MessageKind):
    """Says what it is told."""

    name = "words"
    topic = "follow-up"
    message = Message("", "", "")

    def render(self, _email):
        return self.message

    def unwanted_because(self, _email):
        return None


@pytest.fixture(scope="module", autouse=True)
def app(tmp_path_factory):
    """No row is read or written: a letter is made of one that was never stored."""
    made = create_app(settings(f"sqlite:///{tmp_path_factory.mktemp('letters') / 'unused.sqlite3'}"))
    KINDS["words"] = Words()
    with made.app_context():
        yield made
    del KINDS["words"]


def compose(
    app, subject="x", text="x", html="<p>x</p>", address="sita@example.org", language="en", **environ
):
    Words.message = Message(subject, text, html, "https://example.org/outbox/unsubscribe/" + "x" * 200)
    email = OutgoingEmail(
        id=12,
        kind="words",
        topic="follow-up",
        address=address,
        address_hmac="x",
        language=language,
        message_id="<" + "m" * 32 + "@lanjut.example.org>",
    )
    made = settings("sqlite:///unused", **environ)
    return composing.compose(email, senders.of(made, senders.DEFAULT), NOW)


def parse(letter):
    return message_from_bytes(letter.body, policy=default)


def as_written(text):
    """Without what no mail may hold; lines end as mail ends them."""
    return text.translate(composing.CONTROLS)


def lines_of(text):
    return re.split(r"\r\n|\r|\n", as_written(text))


@given(subject=subjects, text=anything | scripts, html=anything)
@example(subject="अ" * 200, text="x" * 2000, html="é" * 2000)
@example(subject="a" * 300, text=".\r\n..\r\n", html="\r")
@example(subject='a, @ =;\u200c bb" é _ @👩अ((? अ?(é@\u200ca अ@?:) 👩\u200cb )(👩_\u200c_', text="", html="")
@example(subject="=?utf-8?q?Bcc=3A_all=40example=2Eorg?=", text="From me\n", html="\x00")
@example(subject=("👩🏽‍🏭 " * 40).strip(), text="", html="")
def test_what_arrives_is_what_was_written(app, subject, text, html):
    letter = compose(app, subject, text, html)
    message = parse(letter)
    assert message["Subject"] == as_written(subject).strip(" ")
    for kind, told in (("plain", text), ("html", html)):
        got = lines_of(message.get_body((kind,)).get_content())
        assert got in (lines_of(told), [*lines_of(told), ""])
    assert letter.body.isascii()
    assert b"\x00" not in letter.body
    assert not re.search(rb"[^\r]\n|\r[^\n]", letter.body)


@given(subject=subjects, text=anything)
@example(subject="अ" * 200, text="x" * 2000)
@example(subject="=" * 300, text="")
def test_no_line_is_longer_than_mail_likes_but_those_that_hold_one_long_address(app, subject, text):
    for line in compose(app, subject, text).body.split(b"\r\n"):
        assert len(line) <= 78 or line.startswith((b"List-Unsubscribe: ", b"Message-ID: "))
        assert len(line) <= 998


HEADERS = {
    "from",
    "to",
    "reply-to",
    "subject",
    "date",
    "message-id",
    "auto-submitted",
    "content-language",
    "list-unsubscribe",
    "list-unsubscribe-post",
    "mime-version",
    "content-type",
}


@given(
    subject=st.text(max_size=80).map(lambda text: f"Hello {text}\r\nBcc: all@example.org")
    | st.text(st.sampled_from("\r\n\x0b\x0c\x85\u2028:; Bcc@"), max_size=40)
    | anything,
    language=st.sampled_from(["en", "fa_AF", "en\r\nBcc: a@example.org", "en\nX: y"]),
    address=st.sampled_from(
        ["sita@example.org", "sita@example.org\r\nBcc: a@example.org", "a b@example.org"]
    ),
)
def test_nothing_that_was_written_becomes_a_header(app, subject, language, address):
    try:
        letter = compose(app, subject, address=address, language=language, MAIL_REPLY_TO="desk@example.org")
    except (ValueError, composing.NoMailAddress):
        return  # set aside, and never sent
    message = message_from_bytes(letter.body)
    assert {name.lower() for name in message} == HEADERS
    assert len(message.keys()) == len(HEADERS)
    assert letter.recipient == "sita@example.org"


names = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), min_size=1, max_size=90)


@given(name=names)
@example(name='Office "A", Kementerian Perindustrian Republik Indonesia, Direktorat Jenderal Industri Kecil')
@example(name="د افغانستان د صنعت او سوداګرۍ وزارت، د کوچنیو صنایعو ریاست، د زده کړې څانګه، کابل")
@example(name="कोशी प्रदेश उद्योग तथा कृषि मन्त्रालय, विराटनगर, नेपाल, (साना उद्योग शाखा) 👩🏽‍🏭")
def test_the_name_of_the_sender_arrives(app, name):
    quoted = name.replace("\\", "\\\\").replace('"', '\\"')
    try:
        letter = compose(app, MAIL_FROM=f'"{quoted}" <followup@example.org>')
    except ConfigError:
        pytest.fail(f"{name!r} is a name")
    told, address = parseaddr(message_from_bytes(letter.body)["From"])
    assert address == "followup@example.org"
    assert str(make_header(decode_header(told))).split() == name.split()
    assert letter.sender == "followup@example.org"


def test_a_letter_says_what_receivers_ask_of_bulk_mail(app):
    """RFC 5322, RFC 8058, RFC 3834: once each."""
    message = message_from_bytes(compose(app).body)
    for name in HEADERS - {"reply-to"}:
        assert len(message.get_all(name)) == 1, name
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert re.fullmatch(r"<https://[^>\s]+>", message["List-Unsubscribe"])
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["To"] == "sita@example.org"


def test_letters_beyond_ascii_in_an_address(app):
    domain = compose(app, address="sita@उदाहरण.परीक्षा")
    assert domain.recipient == "sita@xn--p1b6ci4b4b3a.xn--11b5bs3a9aj6g"
    assert domain.body.isascii()
    local = compose(app, subject="नमस्ते", address="सीता@उदाहरण.परीक्षा")
    assert local.recipient == "सीता@xn--p1b6ci4b4b3a.xn--11b5bs3a9aj6g"
    assert "\r\nTo: सीता@xn--p1b6ci4b4b3a.xn--11b5bs3a9aj6g\r\n".encode() in local.body
    assert parse(local)["Subject"] == "नमस्ते"


def keys(folder, *kinds):
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ed25519, rsa

    made = {
        "rsa": lambda: rsa.generate_private_key(65537, 2048),
        "short": lambda: rsa.generate_private_key(65537, 1024),
        "ed25519": ed25519.Ed25519PrivateKey.generate,
    }
    pem = (
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    for kind in kinds:
        (folder / kind).write_bytes(made[kind]().private_bytes(*pem))
    return tuple(signing.read_key(folder / kind, f"{kind}1", "lanjut.example") for kind in kinds)


@pytest.fixture(scope="module")
def both(tmp_path_factory):
    return keys(tmp_path_factory.mktemp("keys"), "rsa", "ed25519")


def records(keys):
    """What dkimpy's verifier would read in the DNS."""
    told = {f"{key.name}.".encode(): key.record.encode() for key in keys}
    return lambda name, **_: told.get(name)


def is_signed(body, keys, number=0):
    try:
        return dkim.DKIM(body).verify(idx=number, dnsfunc=records(keys))
    except dkim.ValidationError:
        return False


@given(subject=subjects, text=anything, html=anything)
@example(subject="अ" * 200, text=".\n..\n\n\n", html=" \t \n\n")
@example(subject="", text="", html="")
def test_both_signatures_hold_whatever_was_written(app, both, subject, text, html):
    body = signing.sign(compose(app, subject, text, html).body, both, NOW)
    assert is_signed(body, both, 0)
    assert is_signed(body, both, 1)
    assert max(len(line) for line in body.split(b"MIME-Version")[0].split(b"\r\n")) < 400


def test_a_signature_covers_what_a_forger_would_change(app, both):
    body = signing.sign(compose(app, "Hello", "text").body, both, NOW)
    forged = {
        "a second sender": b"From: evil@example.net\r\n" + body,
        "another subject": body.replace(b"Subject: Hello", b"Subject: Hullo"),
        "another way out": body.replace(b"unsubscribe/xxx", b"unsubscribe/yyy"),
        "no one-click": body.replace(b"List-Unsubscribe=One-Click", b"List-Unsubscribe=Two"),
        "another text": body.replace(b"\r\n\r\ntext", b"\r\n\r\ntaxt"),
    }
    for what, changed in forged.items():
        assert changed != body, what
        assert not is_signed(changed, both, 0), what
        assert not is_signed(changed, both, 1), what


def test_a_signature_is_not_lost_to_what_relays_do(app, both):
    body = signing.sign(compose(app, "नमस्ते " * 30, "text").body, both, NOW)
    refolded = re.sub(rb"\r\n[ \t]+", b"\r\n\t ", body.partition(b"\r\n\r\n")[0])
    passed = (
        b"Received: from relay\r\n" + refolded + b"\r\n\r\n" + body.partition(b"\r\n\r\n")[2] + b"\r\n\r\n"
    )
    assert is_signed(passed, both, 0)
    assert is_signed(passed, both, 1)


def test_a_signature_of_letters_beyond_ascii_holds(app, both):
    body = compose(app, "नमस्ते", address="सीता@example.org").body
    assert is_signed(signing.sign(body, both, NOW), both, 0)
    assert is_signed(signing.sign(body, both, NOW), both, 1)


def test_a_short_key_is_warned_of_and_a_shorter_refused(tmp_path, caplog):
    (key,) = keys(tmp_path, "short")
    assert key.is_short
    assert "fewer than 2048 bits" in caplog.text


def test_no_key_shows_itself(both):
    assert "private" not in repr(both)
