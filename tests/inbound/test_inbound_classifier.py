"""What a returned mail is taken for. Every sample is ours; the forms are those of real servers."""

import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from samples import absence, complaint, letter, notice, receipt, report

from trainingapp.inbound.classifier import classify
from trainingapp.inbound.reading import MOST, shown
from trainingapp.inbound.verdicts import Kind

REPORTS = {
    "no such user": (report(), Kind.HARD, "5.1.1"),
    "a code without words": (report("5.1.1", ""), Kind.HARD, "5.1.1"),
    "words without a telling code": (report("5.0.0", "smtp; 550 User unknown"), Kind.HARD, "550"),
    "words only for people": (
        report("5.0.0", "", words="sita@example.org: the account does not exist here"),
        Kind.HARD,
        "5.0.0",
    ),
    "no such domain": (report("5.4.4", "X-Postfix; Host or domain name not found"), Kind.HARD, "5.4.4"),
    "closed": (report("5.2.1", "smtp; 550 5.2.1 The account has been disabled"), Kind.HARD, "5.2.1"),
    "not served there": (report("5.7.1", "smtp; 554 5.7.1 Relay access denied"), Kind.HARD, "5.7.1"),
    "their rules for our server": (
        report("5.0.0", "smtp; 550 your sending frequency is limited: frequency limited"),
        Kind.BLOCKED,
        "550",
    ),
    "a greylist that never let it in": (
        report("4.7.1", "smtp; 451 4.7.1 greylisted, try again later"),
        Kind.SOFT,
        "4.7.1",
    ),
    "our address not verified, whatever the code": (
        report("5.1.1", "smtp; 550-Verification failed for <us@lanjut.example>"),
        Kind.BLOCKED,
        "5.1.1",
    ),
    "a closed list": (report("5.0.0", "smtp; 550 members-only list"), Kind.BLOCKED, "550"),
    "encryption wanted": (report("5.0.0", "smtp; 553 route requires TLS"), Kind.BLOCKED, "553"),
    "a security code outweighs a word that also means unknown": (
        report("5.7.322", "smtp; 550 5.7.322 the certificate of the host is expired"),
        Kind.BLOCKED,
        "5.7.322",
    ),
    "Exchange Online hides who exists": (
        report("5.4.1", "smtp;550 5.4.1 Recipient address rejected: Access denied"),
        Kind.HARD,
        "5.4.1",
    ),
    "full": (report("5.2.2", "smtp; 552 5.2.2 Mailbox full"), Kind.FULL, "5.2.2"),
    "full, for now": (report("4.2.2", "smtp; 452 4.2.2 Over quota"), Kind.FULL, "4.2.2"),
    "full, whatever the code": (report("5.1.1", "smtp; 550 mailbox quota exceeded"), Kind.FULL, "5.1.1"),
    "too large": (report("5.3.4", "smtp; 552 5.3.4 Message too big"), Kind.BLOCKED, "5.3.4"),
    "spam": (report("5.7.1", "smtp; 550 5.7.1 Looks like spam"), Kind.BLOCKED, "5.7.1"),
    "spam, whatever the code": (report("5.0.0", "smtp; 554 blocked using bl.example"), Kind.BLOCKED, "554"),
    "about our own domain": (
        report("5.1.8", "smtp; 553 5.1.8 Sender address rejected: Domain not found"),
        Kind.BLOCKED,
        "5.1.8",
    ),
    "DMARC": (report("5.7.26", "smtp; 550 5.7.26 fails DMARC"), Kind.BLOCKED, "5.7.26"),
    "refused after it was read": (
        report("5.0.0", "smtp; 554 No (in reply to end of DATA command)"),
        Kind.BLOCKED,
        "554",
    ),
    "given up": (report("4.4.7", "smtp; 421 4.4.2 Connection timed out"), Kind.SOFT, "4.4.2"),
    "a loop": (report("5.4.6", "smtp; 554 5.4.6 Too many hops"), Kind.SOFT, "5.4.6"),
    "a delay": (report("4.4.1", "smtp; 450 user unknown", action="delayed"), Kind.SOFT, "4.4.1"),
    "arrived": (report("2.0.0", "smtp; 250 Ok", action="delivered"), Kind.NONE, None),
}


@pytest.mark.parametrize(("raw", "kind", "code"), REPORTS.values(), ids=REPORTS)
def test_a_report_for_machines(raw, kind, code):
    verdict = classify(raw)
    assert (verdict.kind, verdict.code) == (kind, code)
    assert verdict.recipients == ("sita@example.org",)
    assert verdict.is_report


@pytest.mark.parametrize(
    "ending", [b"\r\n", b"\r", b"\n"], ids=["as it goes over the line", "of an old Macintosh", "of Unix"]
)
def test_the_ends_of_lines_do_not_matter(ending):
    assert classify(report().replace(b"\n", ending)).kind is Kind.HARD


def test_of_several_recipients_the_worst_counts_and_who_was_reached_is_not_named():
    more = (
        "\nOriginal-Recipient: rfc822;Hari@example.org\nFinal-Recipient: rfc822; b77@example.org\n"
        "Action: failed\nStatus: 5.1.1\n\n"
        "Final-Recipient: rfc822; ok@example.org\nAction: relayed\nStatus: 2.0.0\n"
    )
    verdict = classify(report("4.2.2", "smtp; 452 over quota", more=more))
    assert verdict.kind is Kind.HARD
    assert verdict.recipients == ("sita@example.org", "hari@example.org")


def test_recipients_of_a_report_may_follow_each_other_without_an_empty_line():
    more = "Final-Recipient: rfc822; hari@example.org\nAction: failed\nStatus: 5.1.1\n"
    verdict = classify(report("5.2.2", "smtp; 550 Mailbox full", more=more))
    assert (verdict.kind, verdict.recipients) == (Kind.HARD, ("sita@example.org", "hari@example.org"))


def test_of_several_in_words_too_the_worst_counts():
    raw = notice(
        "These addresses failed:\n\n"
        '"hari@example.org":\n5.1.1 User unknown\n"sita@example.org":\n5.2.2 Mailbox full\n'
    )
    verdict = classify(raw)
    assert (verdict.kind, verdict.recipients) == (Kind.HARD, ("hari@example.org", "sita@example.org"))


@pytest.mark.parametrize("charset", ["utf-8", "iso-2022-jp"])
def test_a_subject_without_encoding(charset):
    raw = notice("", sender="mail-admin@example.org", **{"Return-Path": "<mail-admin@example.org>"})
    raw += "満杯のため送信できませんでした。 <sita@example.org>".encode()
    raw = raw.replace(b"Undelivered Mail Returned to Sender", "メールエラー通知".encode(charset))
    assert classify(raw).kind is Kind.FULL


def test_a_notice_that_speaks_of_each_recipient_apart_counts_as_its_worst():
    verdict = classify(
        notice(
            "Your message could not be delivered.\n\n"
            "hari@example.org: 550 5.2.2 Mailbox full\nsita@example.org: 550 5.1.1 User unknown\n"
        )
    )
    assert (verdict.kind, verdict.code) == (Kind.HARD, "5.1.1")
    assert verdict.recipients == ("hari@example.org", "sita@example.org")


def test_a_notice_that_says_it_twice_counts_all_it_says_of_each():
    said = (
        "  hari@example.org\n    after RCPT TO:<hari@example.org>: 550 5.2.2 Mailbox full\n"
        "  sita@example.org\n    after RCPT TO:<sita@example.org>: 550 5.1.1 User unknown\n"
    )
    words = f"Ваше письмо не может быть доставлено:\n\n{said}\nIt could not be delivered to:\n\n{said}"
    assert classify(notice(words)).kind is Kind.HARD


def test_a_report_that_came_as_text_within_a_notice_is_read():
    raw = notice("The message below could not be delivered.\n\n----\n" + report("4.4.1", "").decode())
    verdict = classify(raw)
    assert (verdict.kind, verdict.recipients) == (Kind.SOFT, ("sita@example.org",))


def test_a_success_notice_says_that_it_arrived():
    assert classify(report("2.1.5", "", action="delivered")).arrived
    assert classify(report("4.4.1", "", action="delayed")).delayed
    assert not classify(report()).delayed


def written(name):
    """Samples of a file: after "=== what: kind" the mail, as it comes but for its return path."""
    text = (Path(__file__).parent / name).read_text("utf-8")
    for block in text.split("=== ")[1:]:
        title, _, mail = block.partition("\n")
        what, _, kind = title.rpartition(": ")
        yield what, (b"Return-Path: <>\nTo: bounces@lanjut.example\n" + mail.encode(), Kind(kind))


NOTICES = dict(written("notices.txt"))


@pytest.mark.parametrize(("raw", "kind"), NOTICES.values(), ids=NOTICES)
def test_a_notice_for_people(raw, kind):
    verdict = classify(raw)
    assert verdict.kind is kind
    assert verdict.recipients == ("sita@example.org",)


def test_what_comes_back_below_the_notice_is_not_read_as_the_notice():
    raw = notice(
        "<sita@example.org>: mailbox full\n\n--- Below this line is a copy of the message.\n\n"
        "Return-Path: <us@lanjut.example>\nTo: sita@example.org\n\nUser unknown hari@example.org"
    )
    verdict = classify(raw)
    assert (verdict.kind, verdict.recipients) == (Kind.FULL, ("sita@example.org",))


AUTOMATIC = {
    "an absence that quotes a bounce": absence(),
    "a receipt": receipt(),
    "by its header": letter("I will see it on Monday.", **{"X-Autoreply": "yes"}),
    "by its precedence": letter("Thanks.", Precedence="auto_reply"),
    "German": letter("Bis bald", Subject="Abwesenheitsnotiz: Umfrage"),
    "French": letter("À bientôt", Subject="Réponse automatique : enquête"),
    "Indonesian": letter("Terima kasih", Subject="Balasan otomatis: survei"),
    "Japanese": letter("後日返信します", Subject="自動返信: アンケート"),
    "Greek": letter("Καλημέρα", Subject="Αυτόματη απάντηση: έρευνα"),
    "Hungarian, in bytes nobody announced": "Subject: Automatikus válasz\n\nMájusban".encode(),
    "a German date has a full stop": letter("Ich bin bis zum 3. Mai nicht im Büro.", Subject="Re: Hallo"),
    "a ticket": letter("We will look into it.", Subject="[Ticket #1234] Your request has been received"),
    "a challenge": letter(
        "To control spam, I now allow incoming messages only from friends.", Subject="Re: Hi"
    ),
    "in words alone": letter("I am currently out of the office and return on Monday.", Subject="Re: Hello"),
    "from nobody": letter("I am on vacation until May.", **{"Return-Path": "<>", "Subject": "Re: Survey"}),
}


@pytest.mark.parametrize("raw", AUTOMATIC.values(), ids=AUTOMATIC)
def test_a_machine_that_answers_for_a_person(raw):
    assert classify(raw).kind is Kind.AUTO


HANDED_ON = {"Subject": "Fwd: Undelivered Mail Returned to Sender", "In-Reply-To": "<1@example.org>"}
TO_MANY = {"Subject": "Delivery news", "List-Unsubscribe": "<https://x.example>", "Precedence": "bulk"}
TO_A_LIST = {"Subject": "[dev] user unknown", "List-Id": "<dev.example.org>"}
ORDINARY = {
    "a letter": letter(),
    "a talk about bounces": letter(
        "My mail says: 550 5.1.1 user unknown. What is that?", Subject="Re: bounces"
    ),
    "a bounce handed on": letter("Mail could not be delivered to sita@example.org: unknown", **HANDED_ON),
    "a newsletter": letter("Was the address of a friend rejected? Tell us. " * 40, **TO_MANY),
    "somebody tells of a bounce": letter(
        "What you sent to sita@example.org bounced: 550 5.1.1 user unknown.", Subject="Your mail bounced"
    ),
    "an alarm of our own": letter(
        "Queue of mx: 550 5.1.1 user unknown, sita@example.org", Subject="ALARM: mail delivery failure"
    ),
    "bait that names us alone": letter(
        "Mail to me@example.org could not be delivered. Open the link.",
        From="Mail Server <it@example.net>",
        Subject="3 undelivered mails",
    ),
    "a carrier": letter(
        "We could not deliver your parcel today. Book another day.",
        Subject="Delivery failed: your parcel",
        From="Mail Delivery Service <no-reply@parcels.example>",
    ),
    "a postmaster's account of the week": letter(
        "5120 messages came, 550 of them were refused. Ask it@example.net.",
        Subject="Weekly mail status report",
        From="Postmaster <postmaster@example.net>",
    ),
    "a mailing list": letter("The user does not exist in LDAP, error 550.", **TO_A_LIST),
    "nothing": b"",
    "a header alone": b"Subject: x",
    "not mail": bytes(range(256)) * 10,
}


@pytest.mark.parametrize("raw", ORDINARY.values(), ids=ORDINARY)
def test_ordinary_mail_is_nothing_of_the_kind(raw):
    assert classify(raw).kind is Kind.NONE


@pytest.mark.parametrize("kind", ["abuse", "fraud", "opt-out", "Abuse"])
def test_a_complaint(kind):
    verdict = classify(complaint(kind))
    assert (verdict.kind, verdict.recipients) == (Kind.COMPLAINT, ("sita@example.org",))


@pytest.mark.parametrize("kind", ["not-spam", "auth-failure"])
def test_a_report_in_which_nobody_complains(kind):
    assert classify(complaint(kind)).kind is Kind.NONE


def test_a_provider_that_forwards_the_complaint_itself():
    raw = letter(
        "X-HmXmrOriginalRecipient: sita@example.org", Subject="complaint about message from 192.0.2.1"
    )
    assert classify(raw).kind is Kind.COMPLAINT


def test_exchanges_wrapped_addresses_are_opened():
    assert classify(report(address="IMCEASMTP-sita+40example+2Eorg@mx.example.org")).recipients == (
        "sita@example.org",
    )


def test_a_report_that_a_gateway_wrapped_again_is_found_inside():
    inner = report().decode()
    outer = (
        "Return-Path: <>\nFrom: MAILER-DAEMON@gw.example\nSubject: Returned mail\nMIME-Version: 1.0\n"
        'Content-Type: multipart/mixed; boundary="out"\n\n--out\nContent-Type: text/plain\n\nSee below.\n'
        f"--out\nContent-Type: message/rfc822\n\n{inner}\n--out--\n"
    )
    verdict = classify(outer.encode())
    assert (verdict.kind, verdict.recipients) == (Kind.HARD, ("sita@example.org",))


def test_a_report_whose_boundary_is_lost_is_read_as_text():
    raw = report().replace(b'boundary="cut"', b'boundary="lost"')
    verdict = classify(raw)
    assert (verdict.kind, verdict.recipients) == (Kind.HARD, ("sita@example.org",))


def test_unknown_and_wrong_charsets_are_read_all_the_same():
    for charset in ("klingon", "utf-16", "iso-2022-jp"):
        head = {"Content-Type": f"text/plain; charset={charset}", "Content-Transfer-Encoding": "8bit"}
        raw = notice("<sita@example.org>: user unknown", **head) + b"\xff\xfe\x1b"
        assert classify(raw).kind in Kind


def test_nesting_and_size_have_no_end():
    nested = b"See you.\n"
    for depth in range(400):
        edge = b"b%d" % depth
        nested = b'Content-Type: multipart/mixed; boundary="%s"\n\n--%s\n%s\n--%s--\n' % (
            edge,
            edge,
            nested,
            edge,
        )
    assert classify(nested).kind is Kind.NONE
    huge = notice("<sita@example.org>: user unknown\n", subject="Undeliverable") + b"x " * MOST
    assert classify(huge).kind is Kind.HARD


@pytest.mark.parametrize(
    "piece",
    [b"<style ", b"<!--", b"<br ", b"<script>", b"<!-- >"],
    ids=["style", "note", "br", "script", "no"],
)
def test_markup_that_never_ends_is_read_once(piece):
    """Looking for its end at each beginning would take this reader, and whatever waits behind it, hours."""
    head = b"From: a@example.org\nSubject: hello\nContent-Type: text/html\n\n"
    assert classify(head + piece * (MOST // len(piece))).kind is Kind.NONE


def test_styles_and_comments_are_no_words():
    assert shown("<style>a</style>1<!-- b -->2<script>c</script>3<!-- d") == " 1 2 3<!-- d"


@pytest.mark.parametrize("name", ["From", "Return-Path", "To"])
def test_an_address_within_comments_without_end_is_none(name):
    raw = notice("<sita@example.org>: user unknown", subject="Undeliverable")
    assert classify(f"{name}: {'(' * 5000}\n".encode() + raw).kind in Kind


ALL = [each[0] for each in (*REPORTS.values(), *NOTICES.values())] + [*AUTOMATIC.values(), complaint()]


@given(st.sampled_from(ALL), st.randoms(use_true_random=False), st.integers(1, 40))
def test_mutilated_mail_never_raises(raw, dice: random.Random, cuts):
    broken = bytearray(raw)
    for _each in range(cuts):
        at = dice.randrange(len(broken))
        broken[at : at + dice.randrange(4)] = bytes(dice.randrange(256) for _ in range(dice.randrange(4)))
    verdict = classify(bytes(broken))
    assert verdict.kind in Kind
    assert all(address == address.lower() for address in verdict.recipients)


@given(st.binary(max_size=2000))
def test_any_bytes_are_classified(raw):
    assert classify(raw).kind in Kind
