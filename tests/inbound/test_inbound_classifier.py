"""What a returned mail is taken for. Every sample is ours; the forms are those of real servers."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from samples import absence, complaint, letter, notice, receipt, report

from trainingapp.inbound.classifier import classify
from trainingapp.inbound.reading import MOST
from trainingapp.inbound.verdicts import Kind

QMAIL = "Hi. This is the qmail-send program at mx.example.org.\nI'm afraid I wasn't able to deliver your message.\n\n"
EXIM = "This message was created automatically by mail delivery software.\n\nA message that you sent could not be delivered to one or more of its\nrecipients. The following address(es) failed:\n\n  sita@example.org\n"
POSTFIX = (
    "I'm sorry to have to inform you that your message could not\nbe delivered to one or more recipients.\n\n"
)

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
        "\nOriginal-Recipient: rfc822;Hari@example.org\nFinal-Recipient: rfc822; box77@example.org\n"
        "Action: failed\nStatus: 5.1.1\n\nFinal-Recipient: rfc822; ok@example.org\nAction: relayed\nStatus: 2.0.0\n"
    )
    verdict = classify(report("4.2.2", "smtp; 452 over quota", more=more))
    assert verdict.kind is Kind.HARD
    assert verdict.recipients == ("sita@example.org", "hari@example.org")


def test_a_success_notice_says_that_it_arrived():
    assert classify(report("2.1.5", "", action="delivered")).arrived
    assert classify(report("4.4.1", "", action="delayed")).delayed
    assert not classify(report()).delayed


NOTICES = {
    "qmail": (notice(QMAIL + "<sita@example.org>:\nSorry, no mailbox here by that name. (#5.1.1)", subject="failure notice"), Kind.HARD),
    "qmail, no host": (notice(QMAIL + "<sita@example.org>:\nSorry, I couldn't find any host named x.example. (#5.1.2)"), Kind.HARD),
    "qmail, in vain": (notice(QMAIL + "<sita@example.org>:\nSorry, I wasn't able to establish an SMTP connection. (#4.4.1)"), Kind.SOFT),
    "Exim": (notice(EXIM + "    Unrouteable address\n", **{"X-Failed-Recipients": "sita@example.org"}), Kind.HARD),
    "Exim, in vain": (notice(EXIM + "    retry timeout exceeded\n"), Kind.SOFT),
    "Exim, late": (notice("A message that you sent has not yet been delivered after more than 24 hours.\n\n  sita@example.org\n\nNo action is required on your part.", subject="Warning: message 1abc delayed 24 hours"), Kind.SOFT),
    "Postfix": (notice(POSTFIX + "<sita@example.org>: host mx.example.org said: 550 5.1.1 unknown user (in reply to RCPT TO command)"), Kind.HARD),
    "Sendmail, late": (notice("    **  THIS IS A WARNING MESSAGE ONLY  **\n    **  YOU DO NOT NEED TO RESEND YOUR MESSAGE  **\n\n<sita@example.org>... Deferred: no such user", subject="Warning: could not send message for past 4 hours"), Kind.SOFT),
    "Exchange 5.5": (notice("Your message\n\n  To:      hari@example.org\n  Subject: Hello\n\ndid not reach the following recipient(s):\n\nsita@example.org on Mon, 1 Jan\n    The recipient name is not recognized", sender="System Administrator <postmaster@example.org>", subject="Undeliverable: Hello"), Kind.HARD),
    "Domino": (notice("Your message\n\n  Subject: Hello\n\nwas not delivered to:\n\n  sita@example.org\n\nbecause:\n\n  User sita (sita@example.org) not listed in Domino Directory", sender="Postmaster@example.org", subject="DELIVERY FAILURE: User sita not listed in Domino Directory"), Kind.HARD),
    "GroupWise": (notice("The message that you sent was undeliverable to the following:\n\tsita@example.org (user not found)", sender="postmaster@example.org", subject="Message status - undeliverable"), Kind.HARD),
    "Gmail": (notice("Delivery to the following recipient failed permanently:\n\n     sita@example.org\n\nThe error that the other server returned was: 550 550 5.1.1 The email account does not exist", subject="Delivery Status Notification (Failure)"), Kind.HARD),
    "Yahoo": (notice("Message from example.org.\nUnable to deliver message to the following address(es).\n\n<sita@example.org>:\nThis user doesn't have a example.org account (sita@example.org)", subject="Delivery failure"), Kind.HARD),
    "MDaemon": (notice("The attached message had PERMANENT fatal delivery errors!\n\nThe following addresses did NOT receive a copy of your message:\n\n> sita@example.org\n\n550 unknown user", sender="MDaemon@example.org", subject="Permanent Delivery Failure"), Kind.HARD),
    "IMail": (notice("Unknown user: sita@example.org\n", sender="Postmaster@example.org", subject="Undeliverable Mail"), Kind.HARD),
    "full": (notice(POSTFIX + "<sita@example.org>: this person's account is over quota"), Kind.FULL),
    "spam": (notice(POSTFIX + "<sita@example.org>: host said: 554 rejected as spam"), Kind.BLOCKED),
    "German": (notice("Ihre Nachricht konnte nicht zugestellt werden.\n\nsita@example.org: Empfänger unbekannt", subject="Unzustellbar: Hallo"), Kind.HARD),
    "French": (notice("Votre message n'a pas pu être remis à sita@example.org : utilisateur inconnu", subject="Non remis : Bonjour"), Kind.HARD),
    "Spanish": (notice("Su mensaje no ha podido ser entregado a sita@example.org: la cuenta no existe", subject="Correo devuelto"), Kind.HARD),
    "Portuguese": (notice("A mensagem não pôde ser entregue a sita@example.org: caixa postal cheia", subject="Falha na entrega"), Kind.FULL),
    "Indonesian": (notice("Pesan tidak dapat dikirim ke sita@example.org: alamat tidak ditemukan", subject="Pengiriman gagal"), Kind.HARD),
    "Russian": (notice("Ваше письмо не может быть доставлено: <sita@example.org>: пользователь не найден", subject="Письмо не доставлено"), Kind.HARD),
    "Japanese": (notice("送信できませんでした。\nsita@example.org\n宛先のユーザーが見つかりません", subject="配信エラー"), Kind.HARD),
    "Chinese": (notice("无法投递\nsita@example.org\n收件人不存在", subject="系统退信"), Kind.HARD),
    "with Precedence: bulk": (notice(POSTFIX + "<sita@example.org>: User unknown", Precedence="bulk"), Kind.HARD),
    "of a bounce that quotes an absence": (notice(POSTFIX + "<sita@example.org>: User unknown", subject="Undeliverable: Out of office"), Kind.HARD),
}  # fmt: skip


@pytest.mark.parametrize(("raw", "kind"), NOTICES.values(), ids=NOTICES)
def test_a_notice_for_people(raw, kind):
    verdict = classify(raw)
    assert verdict.kind is kind
    assert verdict.recipients == ("sita@example.org",)


def test_what_comes_back_below_the_notice_is_not_read_as_the_notice():
    raw = notice(
        POSTFIX + "<sita@example.org>: mailbox full\n\n--- Below this line is a copy of the message.\n\n"
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
    "a ticket": letter("We will look into it.", Subject="[Ticket #1234] Your request has been received"),
    "a challenge": letter("To control spam, I now allow incoming messages only from senders I know.", Subject="Re: Hello"),
    "in words alone": letter("I am currently out of the office and return on Monday.", Subject="Re: Hello"),
    "from nobody": letter("I am on vacation until May.", **{"Return-Path": "<>", "Subject": "Re: Six months later"}),
}  # fmt: skip


@pytest.mark.parametrize("raw", AUTOMATIC.values(), ids=AUTOMATIC)
def test_a_machine_that_answers_for_a_person(raw):
    assert classify(raw).kind is Kind.AUTO


ORDINARY = {
    "a letter": letter(),
    "a talk about bounces": letter("My mail says: 550 5.1.1 user unknown. What is that?", Subject="Re: bounces"),
    "a bounce handed on": letter(POSTFIX + "<sita@example.org>: User unknown", Subject="Fwd: Undelivered Mail Returned to Sender", **{"In-Reply-To": "<1@x>"}),
    "a newsletter": letter("Was the address of a friend rejected? Tell us. " * 40, Subject="Delivery news", **{"List-Unsubscribe": "<https://x.example>", "Precedence": "bulk"}),
    "a mailing list": letter("The user does not exist in LDAP, error 550.", Subject="[dev] user unknown", **{"List-Id": "<dev.example.org>"}),
    "nothing": b"",
    "a header alone": b"Subject: x",
    "not mail": bytes(range(256)) * 10,
}  # fmt: skip


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
