"""Who mail goes out as: from the environment, and from the file named by MAIL_SENDERS."""

import re
import traceback

import pytest
from clients import settings
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from trainingapp import create_app
from trainingapp.config import ROOT, ConfigError
from trainingapp.outbox import senders
from trainingapp.outbox.lines.maildir import Folder

FILE = """
[default]
per_second = 20
connections = 4

[surveys]
smtp = "smtps://me@mail.example.org?password_file={folder}/password"
from = "Kantor <followup@bücher.example>"
return_path = "bounces@example.org"
topics = ["follow-up"]
per_second = 5
per_domain_second = 0.5
success_notices = true

[[surveys.dkim]]
selector = "s1"
domain = "example.org"
key_file = "{folder}/rsa.pem"

[[surveys.dkim]]
selector = "s2"
domain = "example.org"
key_file = "{folder}/ed25519.pem"

[tryout]
smtp = "maildir:{folder}/mail"
topics = ["account"]
"""


def pem(key, passphrase=None):
    hidden = serialization.BestAvailableEncryption(passphrase) if passphrase else serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, hidden)


def of_primes(p, q):
    """Shorter than any tool makes them today."""
    d = pow(65537, -1, (p - 1) * (q - 1))
    public = rsa.RSAPublicNumbers(65537, p * q)
    numbers = rsa.RSAPrivateNumbers(p, q, d, d % (p - 1), d % (q - 1), pow(q, -1, p), public)
    return numbers.private_key()


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "password").write_text("s3cr3t-s3cr3t\n")
    (tmp_path / "rsa.pem").write_bytes(pem(rsa.generate_private_key(65537, 2048)))
    (tmp_path / "ed25519.pem").write_bytes(pem(ed25519.Ed25519PrivateKey.generate()))
    return tmp_path


@pytest.fixture
def read(folder):
    def load(text=FILE, **environ):
        path = folder / "senders.toml"
        path.write_text(text.replace("{folder}", str(folder)))
        return settings("sqlite:///unused", MAIL_SENDERS=str(path), **environ)

    return load


def test_the_environment_is_enough():
    made = settings(
        "sqlite:///unused",
        SMTP_URL="smtp://me:s3cr3t-s3cr3t@127.0.0.1:25",
        MAIL_FROM="Kantor <a@example.org>",
        MAIL_REPLY_TO="desk@example.org",
        MAIL_RETURN_PATH="bounces@example.org",
    )
    (sender,) = senders.all(made).values()
    assert (sender.name, sender.relay.name, sender.address) == ("default", "127.0.0.1:25", "a@example.org")
    assert (sender.reply_to, sender.return_path) == ("desk@example.org", "bounces@example.org")
    assert (sender.per_second, sender.dkim, sender.connections) == (None, (), 2)
    assert senders.name_for(made, "follow-up") == "default"


def test_a_file_adds_senders_and_finer_settings(read, folder):
    made = read(MAIL_REPLY_TO="Desk <desk@example.org>")
    assert list(senders.all(made)) == ["default", "surveys", "tryout"]
    usual, surveys, tryout = senders.all(made).values()
    assert (usual.per_second, usual.connections, usual.topics) == (20.0, 4, frozenset())
    assert surveys.relay.password == "s3cr3t-s3cr3t"
    assert surveys.mail_from == "Kantor <followup@xn--bcher-kva.example>"
    assert surveys.reply_to == "Desk <desk@example.org>"  # as the environment says
    assert [key.kind for key in surveys.dkim] == ["rsa", "ed25519"]
    assert (surveys.per_second, surveys.per_domain_second, surveys.success_notices) == (5.0, 0.5, True)
    assert tryout.relay == Folder(folder / "mail")
    assert (senders.is_dry_run(made), usual.is_dry_run, tryout.is_dry_run) == (True, False, True)


def test_a_topic_has_one_sender_and_the_rest_go_by_the_default(read):
    made = read()
    assert senders.name_for(made, "follow-up") == "surveys"
    assert senders.name_for(made, "account") == "tryout"
    assert senders.name_for(made, "anything") == "default"
    assert senders.of(made, "surveys").name == "surveys"
    assert senders.of(made, "one that is gone").name == "default"


def test_it_is_read_once(read, folder):
    made = read()
    first = senders.of(made, "surveys")
    (folder / "rsa.pem").unlink()
    assert senders.of(made, "surveys") is first


ODD = {
    "no TOML": ("[surveys", "not TOML"),
    "a setting outside of any sender": ('smtp = "smtp://a"', "'smtp' is no sender"),
    "an odd name": ('["Ünïcode"]', "is no sender"),
    "a misspelt setting": ('[a]\nstmp = "x"', "no setting stmp"),
    "a number as text": ('[a]\nper_second = "5"', "per_second must be a number"),
    "a truth as number": ("[a]\nconnections = true", "connections must be a whole number"),
    "nothing a second": ("[a]\nper_second = -1", "above 0"),
    "nan a second": ("[a]\nper_second = nan", "above 0"),
    "too many lines": ("[a]\nconnections = 999", "between 1 and"),
    "topics as text": ('[a]\ntopics = "follow-up"', "topics must be a list"),
    "topics as numbers": ("[a]\ntopics = [1]", "topics must be a list of texts"),
    "a topic with two senders": ('[a]\ntopics = ["x"]\n[b]\ntopics = ["x"]', "a and b both carry 'x'"),
    "two addresses": ('[a]\nfrom = "a@example.org, b@example.org"', "from must be one address"),
    "no address": ('[a]\nfrom = "Kantor"', "from must be one address"),
    "nobody": ('[a]\nfrom = ""', "from must be"),
    "a line break": ('[a]\nfrom = "A\\nBcc: b <a@example.org>"', "from must be one address"),
    "a long return path": (f'[a]\nreturn_path = "{"b" * 40}@example.org"', "no more than 36 letters"),
    "a named return path": ('[a]\nreturn_path = "B <b@example.org>"', "bare address"),
    "another scheme": ('[a]\nsmtp = "http://example.org"', "smtp must look like"),
    "a relative folder": ('[a]\nsmtp = "maildir:mail"', "whole path"),
    "a key alone": ('[[a.dkim]]\nkey_file = "{folder}/rsa.pem"', "belong together"),
    "keys as text": ('[a]\ndkim = ["x"]', r"\[\[NAME.dkim\]\]"),
    "no key file": ('[[a.dkim]]\nselector="s"\ndomain="d"\nkey_file="{folder}/none"', "cannot be read"),
    "no key in it": ('[[a.dkim]]\nselector="s"\ndomain="d"\nkey_file="{folder}/password"', "openssl genrsa"),
    "a hidden key": ('[[a.dkim]]\nselector="s"\ndomain="d"\nkey_file="{folder}/hidden"', "passphrase"),
    "a short key": (
        '[[a.dkim]]\nselector="s"\ndomain="d"\nkey_file="{folder}/short"',
        "ask for 1024",
    ),
    "an odd kind": ('[[a.dkim]]\nselector="s"\ndomain="d"\nkey_file="{folder}/ec"', "RSA or Ed25519"),
    "a selector with spaces": (
        '[[a.dkim]]\nselector="s; d=x"\ndomain="d"\nkey_file="{folder}/rsa.pem"',
        "plain letters",
    ),
}


@pytest.mark.parametrize(("text", "words"), ODD.values(), ids=ODD)
def test_what_is_odd_stops_the_start_with_what_to_set(read, folder, text, words):
    (folder / "hidden").write_bytes(pem(rsa.generate_private_key(65537, 2048), b"passphrase"))
    (folder / "short").write_bytes(pem(of_primes(2**255 - 19, 2**256 - 189)))
    (folder / "ec").write_bytes(pem(ec.generate_private_key(ec.SECP256R1())))
    with pytest.raises(ConfigError, match=words) as problem:
        senders.all(read(text))
    said = "".join(traceback.format_exception(problem.value))
    assert "s3cr3t" not in said
    assert "PRIVATE KEY" not in said


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("MAIL_FROM", "Kantor"),
        ("MAIL_REPLY_TO", "desk"),
        ("MAIL_RETURN_PATH", "bounces"),
        ("SMTP_URL", "smtp://me:s3cr3t-s3cr3t@mail.example.org"),
    ],
)
def test_an_odd_variable_is_called_by_its_name(variable, value):
    with pytest.raises(ConfigError, match=variable) as problem:
        create_app(settings("sqlite:///unused", **{variable: value}))
    assert "s3cr3t" not in str(problem.value)


def test_a_topic_that_no_message_has_stops_the_start(read):
    with pytest.raises(ConfigError, match=r"no message is about 'folow-up'\. Choose topics from account, "):
        create_app(read('[a]\ntopics = ["folow-up"]'))


def test_a_file_that_is_not_there_stops_the_start(tmp_path):
    with pytest.raises(ConfigError, match=r"MAIL_SENDERS names .* cannot be read"):
        create_app(settings("sqlite:///unused", MAIL_SENDERS=str(tmp_path / "none.toml")))


def test_no_secret_shows_itself(read):
    made = read(
        DATABASE_URL="postgresql://me:s3cr3t-s3cr3t@host/name", SMTP_URL="smtps://me:s3cr3t-s3cr3t@host"
    )
    assert "s3cr3t" not in repr(made)
    assert made.secret_key not in repr(made)
    assert "s3cr3t" not in repr(senders.all(made))
    assert "BEGIN" not in repr(senders.all(made))


def test_the_example_of_the_readme_starts(read, folder):
    example = re.search(r"```toml\n(.*?)```", (ROOT / "docs" / "running.md").read_text(), re.DOTALL)[1]
    example = example.replace("/run/secrets/smtp", f"{folder}/password")
    made = read(example.replace("/etc/lanjut/dkim.pem", f"{folder}/rsa.pem"))
    create_app(made)
    assert senders.name_for(made, "surveys") == "surveys"
    assert senders.of(made, "surveys").dkim[0].name == "lanjut1._domainkey.example.org"
