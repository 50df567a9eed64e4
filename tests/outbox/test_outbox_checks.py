"""`trainingapp mail check` against a real relay and a real DNS, both on this machine."""

import json
from dataclasses import replace
from datetime import timedelta
from ipaddress import ip_address

import pytest
import trustme
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from dns_server import Dns
from encrypted_relay import of, server
from relay import HANG
from servers import free_port

from trainingapp import clock
from trainingapp.outbox import senders
from trainingapp.outbox.checks import domains, judging
from trainingapp.outbox.checks.domains import Grade
from trainingapp.outbox.checks.lookup import Lookup
from trainingapp.outbox.checks.spf import Broken, Spf
from trainingapp.outbox.letters.signing import Key
from trainingapp.outbox.lines.relays import Relay as Place

PUBLIC = "198.51.100.7"  # of the world, as far as SPF is concerned
RSA = Key("example.org", "s1", rsa.generate_private_key(65537, 2048))
ED25519 = Key("example.org", "s2", ed25519.Ed25519PrivateKey.generate())
GOOD = {
    ("example.org", "TXT"): ["verification=1", "v=spf1 include:_spf.example.net -all"],
    ("_spf.example.net", "TXT"): [f"v=spf1 ip4:{PUBLIC}/24 ip6:2001:db8::/32 ~all"],
    ("s1._domainkey.example.org", "TXT"): [RSA.record],
    ("s2._domainkey.example.org", "TXT"): [ED25519.record],
    ("_dmarc.example.org", "TXT"): ["v=DMARC1; p=quarantine; rua=mailto:a@example.org"],
    ("bounces.example.org", "TXT"): ["v=spf1 include:_spf.example.net -all"],
    ("bounces.example.org", "MX"): ["20 second.example.org.", "10 mx.example.org."],
    ("mx.example.org", "A"): ["192.0.2.9"],
    ("second.example.org", "A"): ["192.0.2.10"],
}


@pytest.fixture
def dns():
    server = Dns(dict(GOOD))
    yield server
    server.stop()


@pytest.fixture
def lookup(dns):
    return Lookup.by(dns.name)


def sender(**values):
    usual = {
        "name": "default",
        "relay": Place("127.0.0.1", 25, "", "", is_tls=False, starttls=False, timeout=1),
        "mail_from": "Kantor <followup@example.org>",
        "reply_to": "",
        "return_path": "b@bounces.example.org",
        "topics": frozenset(),
        "dkim": (RSA, ED25519),
        "per_second": None,
        "per_domain_second": None,
        "connections": 1,
        "success_notices": False,
    }
    return senders.Sender(**{**usual, **values})


def test_spf_that_names_the_relay_is_fine(lookup):
    grade, text = domains.spf(lookup, "example.org", [ip_address(PUBLIC), ip_address("2001:db8::1")])
    assert grade is Grade.OK
    assert "names the relay (1 of 10 questions)" in text


def judged(dns, address, *records, **hosts):
    """What SPF says of an address when "d.example" has these records."""
    dns.table["d.example", "TXT"] = list(records)
    for name, values in hosts.items():
        host = name.replace("_", ".")
        for value in values.split():
            kind = (
                "AAAA" if ":" in value else "A" if value[0].isdigit() else "MX" if value[-1] == "." else "TXT"
            )
            dns.table.setdefault((host, kind), []).append(f"10 {value}" if kind == "MX" else value)
    return Spf(Lookup.by(dns.name), ip_address(address)).judge("d.example")


@pytest.mark.parametrize(
    ("address", "record", "verdict"),
    [
        ("192.0.2.1", "v=spf1 ip4:192.0.2.1 -all", "pass"),
        ("192.0.2.2", "v=spf1 ip4:192.0.2.1 -all", "fail"),
        ("192.0.2.2", "v=spf1 ip4:192.0.2.0/24 -all", "pass"),
        ("192.0.2.2", "v=spf1 -ip4:192.0.2.2 +all", "fail"),
        ("192.0.2.2", "v=spf1 ?all", "neutral"),
        ("192.0.2.2", "v=spf1", "neutral"),
        ("192.0.2.2", "V=SPF1 ~ALL", "softfail"),
        ("192.0.2.9", "v=spf1 a:host.example -all", "pass"),
        ("192.0.2.200", "v=spf1 a:host.example/24 -all", "pass"),
        ("2001:db8::5", "v=spf1 a:host.example -all", "fail"),
        ("2001:db8::5", "v=spf1 a:host.example/24//64 -all", "pass"),
        ("2001:db8::5", "v=spf1 a:host.example//64 -all", "pass"),
        ("192.0.2.9", "v=spf1 mx:mailed.example -all", "pass"),
        ("192.0.2.8", "v=spf1 mx:mailed.example -all", "fail"),
        ("192.0.2.9", "v=spf1 redirect=other.example", "pass"),
        ("192.0.2.1", "v=spf1 ip4:192.0.2.1 redirect=other.example", "pass"),
        ("192.0.2.1", "v=spf1 include:other.example ?all", "neutral"),  # its fail is no answer of ours
        ("192.0.2.1", "v=spf1 exists:%{i}.d.example ptr exp=why.d.example -all", "fail"),
    ],
)
def test_spf_reads_records_as_receivers_do(dns, address, record, verdict):
    more = {"host_example": "192.0.2.9 2001:db8::1", "mailed_example": "host.example."}
    dns.table["other.example", "TXT"] = ["v=spf1 ip4:192.0.2.9 -all"]
    assert judged(dns, address, record, **more) == verdict


@pytest.mark.parametrize(
    ("records", "words"),
    [
        (["v=spf1 -all", "v=spf1 ~all"], "2 SPF records"),
        (["v=spf1 include:nowhere.example -all"], "includes nowhere.example"),
        (["v=spf1 redirect=nowhere.example"], "hands over to nowhere.example"),
        (["v=spf1 ip4:192.0.2.300 -all"], "no network"),
        (["v=spf1 ipv4:192.0.2.3 -all"], "does not know"),
        (["v=spf1 include:d.example -all"], "more than 10 questions"),
        (["v=spf1 " + "a:host.example " * 11 + "-all"], "more than 10 questions"),
    ],
)
def test_spf_that_receivers_cannot_use_says_why(dns, records, words):
    with pytest.raises(Broken, match=words):
        judged(dns, "192.0.2.1", *records)
    grade, text = domains.spf(Lookup.by(dns.name), "d.example", [])
    assert grade is Grade.WRONG
    assert words in text


@pytest.mark.parametrize(
    ("record", "grade", "words"),
    [
        ("v=spf1 +all", Grade.WRONG, "lets everybody send"),
        ("v=spf1 all", Grade.WRONG, "lets everybody send"),
        (f"v=spf1 ip4:{PUBLIC} ?all", Grade.WARNING, "says nothing of other senders"),
        (f"v=spf1 ip4:{PUBLIC}", Grade.WARNING, "says nothing of other senders"),
        ("v=spf1 -all", Grade.WARNING, f"does not name {PUBLIC}"),
        ("google-site-verification=x", Grade.WRONG, f"publish v=spf1 ip4:{PUBLIC} -all"),
    ],
)
def test_what_to_do_about_spf(dns, lookup, record, grade, words):
    dns.table["example.org", "TXT"] = [record]
    found, text = domains.spf(lookup, "example.org", [ip_address(PUBLIC)])
    assert (found, words in text) == (grade, True), text


@pytest.mark.parametrize(
    ("records", "grade", "words"),
    [
        ([RSA.record], Grade.OK, "is our key (rsa)"),
        ([RSA.record.replace("v=DKIM1; k=rsa; ", "")], Grade.OK, "is our key"),
        ([RSA.record.replace("p=", "p= ")], Grade.OK, "is our key"),
        ([], Grade.WRONG, "publish one TXT, v=DKIM1; k=rsa; p="),
        ([RSA.record, ED25519.record], Grade.WRONG, "has 2 records"),
        (["v=DKIM1; k=rsa; p="], Grade.WRONG, "revoked"),
        ([ED25519.record], Grade.WRONG, "belongs to another key"),
        ([RSA.record + "; t=y"], Grade.WARNING, "t=y"),
    ],
)
def test_what_to_do_about_dkim(dns, lookup, records, grade, words):
    dns.table["s1._domainkey.example.org", "TXT"] = records
    found, text = domains.dkim(lookup, RSA)
    assert (found, words in text) == (grade, True), text


def test_a_short_key_is_warned_of(dns, lookup):
    short = Key("example.org", "s9", rsa.generate_private_key(65537, 1024))
    dns.table["s9._domainkey.example.org", "TXT"] = [short.record]
    assert domains.dkim(lookup, short)[0] is Grade.WARNING


OTHER = Key("example.net", "s1", RSA.private)
SUB = Key("mail.example.org", "s1", RSA.private)


@pytest.mark.parametrize(
    ("record", "values", "grades", "words"),
    [
        ("v=DMARC1; p=none", {}, "ok ok", "signature is of the same domain"),
        ("v=DMARC1; p=none", {"dkim": ()}, "ok ok", "return path is of the same domain"),
        ("v=DMARC1; p=reject", {"dkim": (OTHER,), "return_path": "b@example.net"}, "ok wrong", "neither"),
        ("v=DMARC1; p=none", {"dkim": (OTHER,), "return_path": "b@example.net"}, "ok warning", "neither"),
        ("v=DMARC1; p=reject", {"dkim": (), "return_path": "b@notexample.org"}, "ok wrong", "neither"),
        ("v=DMARC1; p=reject", {"dkim": (SUB,)}, "ok ok", "signature"),
        ("v=DMARC1; p=reject; adkim=s; aspf=s", {"dkim": (SUB,)}, "ok wrong", "neither"),
        ("v=DMARC1; p=reject; adkim=s", {"dkim": (SUB,)}, "ok ok", "return path"),
        ("v=DMARC1; p=maybe", {}, "wrong", "must be one record"),
        ("v=DMARC1", {}, "wrong", "must be one record"),
        ("something else", {}, "warning", "has no DMARC record"),
    ],
)
def test_what_to_do_about_dmarc(dns, lookup, record, values, grades, words):
    dns.table["_dmarc.example.org", "TXT"] = [record]
    found = list(domains.dmarc(lookup, sender(**values)))
    assert " ".join(grade.value for grade, _ in found) == grades
    assert words in found[-1][1]


def test_dmarc_of_the_organisation_counts_for_what_is_below_it(dns, lookup):
    dns.table["_dmarc.example.org", "TXT"] = ["v=DMARC1; p=reject; sp=none"]
    below = sender(mail_from="followup@training.example.org")
    (first, text), (second, _) = domains.dmarc(lookup, below)
    assert (first, second) == (Grade.OK, Grade.OK)
    assert text == "_dmarc.example.org asks for none."


@pytest.mark.parametrize(
    ("table", "grade", "words"),
    [
        ({}, Grade.OK, "go to mx.example.org"),
        ({("bounces.example.org", "MX"): ["0 ."]}, Grade.WRONG, "takes no mail"),
        ({("bounces.example.org", "MX"): []}, Grade.WRONG, "publish an MX"),
        ({("bounces.example.org", "MX"): ["10 nowhere.example."]}, Grade.WRONG, "publish an MX"),
        (
            {("bounces.example.org", "MX"): [], ("bounces.example.org", "A"): ["192.0.2.1"]},
            Grade.WARNING,
            "has no MX",
        ),
    ],
)
def test_bounces_must_arrive(dns, lookup, table, grade, words):
    dns.table.update(table)
    found, text = domains.mx(lookup, "bounces.example.org")
    assert (found, words in text) == (grade, True), text


def test_a_relay_has_a_name_that_leads_back(dns, lookup):
    address = ip_address(PUBLIC)
    assert domains.reverse(lookup, address)[0] is Grade.WARNING
    dns.table["7.100.51.198.in-addr.arpa", "PTR"] = ["mail.example.org."]
    assert domains.reverse(lookup, address)[0] is Grade.WARNING
    dns.table["mail.example.org", "A"] = [PUBLIC]
    assert domains.reverse(lookup, address) == (Grade.OK, f"{PUBLIC} is mail.example.org, both ways.")


@pytest.fixture
def run(app, dns, relay):
    """The command, and its findings."""
    app.config["SETTINGS"] = replace(
        app.config["SETTINGS"],
        smtp_url=relay.url,
        mail_from="Kantor <followup@example.org>",
        mail_return_path="b@bounces.example.org",
        base_url="https://lanjut.example.org",
    )

    def run(*arguments):
        done = app.test_cli_runner().invoke(args=["mail", "check", "--dns", dns.name, *arguments])
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
        assert "Traceback" not in done.output
        return done

    return run


def test_a_good_installation_is_fine_on_each_line(run, relay):
    done = run()
    assert done.exit_code == 0
    lines = {tuple(line.split()[1:3]) for line in done.stdout.splitlines()}
    assert {("connection", "OK"), ("SPF", "OK"), ("DMARC", "OK"), ("MX", "OK")} <= lines
    assert ("DKIM", "warning") in lines
    assert relay.taken == []


def test_programs_read_it_as_json(run, dns):
    del dns.table["bounces.example.org", "MX"]
    done = run("--json")
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.exit_code == 1
    assert {"sender": "default", "about": "MX", "grade": "wrong"}.items() <= next(
        each for each in found if each["grade"] == "wrong"
    ).items()


def test_without_a_network_it_says_so(app, run, dns):
    dns.is_silent = True
    nowhere = f"smtp://127.0.0.1:{free_port()}"
    app.config["SETTINGS"] = replace(app.config["SETTINGS"], smtp_url=nowhere)
    done = run()
    assert done.exit_code == 1
    assert "nothing listens there" in done.stdout
    assert "is this machine online" in done.stdout


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ({"connect": "554 5.7.1 you are on a list"}, "it answered 554 5.7.1 you are on a list"),
        ({"connect": HANG}, "did not answer in 4 seconds"),
        ({"ehlo": "250-relay\r\n250-PIPELINING\r\n250 DSN"}, "it offers PIPELINING, DSN"),
    ],
)
def test_what_the_relay_says_is_told(run, relay, answer, words):
    relay.answer = lambda stage, _recipient: answer.get(stage)
    assert words in run().stdout


def test_a_name_that_leads_nowhere_and_odd_arguments(app, run):
    app.config["SETTINGS"] = replace(app.config["SETTINGS"], smtp_url="smtp://nowhere.invalid")
    assert "leads nowhere" in run().stdout
    assert "There is no sender x; there is default." in run("--sender", "x").output
    assert "is no mail address" in run("--to", "nobody").output
    assert "cannot be asked" in app.test_cli_runner().invoke(args=["mail", "check", "--dns", "x"]).output


def test_a_test_letter_goes_through_the_ledger(run, relay):
    done = run("--to", "me@example.org")
    assert done.exit_code == 0, done.output
    (taken,) = relay.taken
    assert taken.recipient == "me@example.org"
    assert taken.message["Subject"] == "Test letter from Lanjut"
    assert taken.message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert "sent: 250 2.0.0 taken" in done.stderr
    run("--to", "me@example.org")
    assert len(relay.taken) == 2  # each is a message of its own


def test_a_test_letter_that_is_refused_is_told_in_the_servers_words(run, relay):
    relay.refuse["me@example.org"] = "550 5.1.1 no such user"
    done = run("--to", "me@example.org")
    assert done.exit_code == 1
    assert "550 5.1.1 no such user" in done.stderr


def test_a_dry_run_is_told(app, run, tmp_path):
    app.config["SETTINGS"] = replace(app.config["SETTINGS"], smtp_url=f"maildir:{tmp_path / 'mail'}")
    done = run()
    assert done.exit_code == 0
    assert "to nobody" in done.stdout
    (tmp_path / "mail").write_text("in the way")
    assert run().exit_code == 1


def test_the_end_of_a_certificate_is_told(app, lookup, tmp_path):
    authority, cafile = trustme.CA(), tmp_path / "authority.pem"
    authority.cert_pem.write_to_path(cafile)
    now = clock.now()
    certificate = authority.issue_cert("localhost", not_after=now + timedelta(days=9, hours=1))
    with server(tls=of(certificate)) as taker:
        place = Place("localhost", taker.port, "", "", is_tls=True, starttls=False, timeout=5, cafile=cafile)
        found = list(judging.of_sender(sender(relay=place), app.config["SETTINGS"], lookup, now))
    told = {each.about: (each.grade, each.text) for each in found}
    assert told["encryption"] == (Grade.WARNING, "TLSv1.3; the certificate is good for 9 more days.")
    assert told["links"][0] is Grade.WARNING  # BASE_URL of the tests is not encrypted
