"""Returned mail written for people: qmail, Exim, Exchange, Domino and forty others. Pure."""

import re
from collections.abc import Iterable
from email import message_from_string

from flufl.bounce import all_failures

from trainingapp.inbound.reading import Letter, addresses_in
from trainingapp.inbound.reports import ADDRESS, clean
from trainingapp.inbound.verdicts import ENHANCED, SMTP, plain

MOST_RECIPIENTS = 50
_DAEMON = re.compile(
    r"mailer[-_. ]?d(?:ae|e)mon|mail[-_. ]?daemon|post[ _]?master|mail[-_ ]?delivery"
    r"|(?:delivery|mail)[-_ ](?:sub)?system|delivery subsystem|undeliver|non-?deliver"
    r"|delivery[-_ ](?:status|notification|failure|agent|report)|returned ?mail|mailsys|<>"
)
_LIKE_A_DAEMON = re.compile(
    r"(?:mail|message|e-?mail|internet)[-_ ]?(?:administrator|admin|router|transport|system"
    r"|transfer|server|gateway|service)"
    r"|mdaemon|mail-?admin|system ?admin|administrat(?:or|eur|ore)\b|administrador|bounce"
    r"|microsoft ?(?:exchange|outlook)|\bnotes\b.*server|smtp(?:d)?@|mta@|exchange|mail ?marshal"
    r"|mail ?sweeper|gateway"
)
_SUBJECT = re.compile(
    r"undeliver|(?:un|non|not )-?deliver(?:y|able|ed)|returned? (?:e-?)?mail"
    r"|return(?:ed|ing) (?:message|to sender|mail)|failure notice"
    r"|fail(?:ed|ure)?(?: \S+){0,3} (?:deliver\w*|mail|message|notice|notification|recipients?"
    r"|send)"
    r"|deliver\w*(?: \S+){0,4} (?:fail\w*|error|problem|status|report|notif\w*|delay\w*"
    r"|unsuccessful|impossible|aborted|rejected|warning|not possible|suspended|incomplete)"
    r"|(?:mail|message|e-?mail)(?: \S+){0,4} (?:fail\w*|error|undeliver\w*|returned|rejected"
    r"|refused|bounced?|not (?:be )?(?:delivered|sent)|could not|problem|system error|was not"
    r"|delayed|blocked)"
    r"|\bbounce[ds]?\b|(?:could|can)(?: ?not|n't) (?:be )?(?:send|sent|deliver\w*)"
    r"|unable to deliver|user unknown|unknown user|no such user|invalid (?:address|recipient|user)"
    r"|warning:? (?:message|could not|e-?mail|delayed)|delayed mail|mail delayed|nondeliverable"
    r"|ndn:|mail delivery|message status|mail status|rejected(?: mail| message|:)|nameserver error"
    r"|account (?:does not exist|disabled|closed)|address (?:unknown|change|not found|rejected)"
    r"|mailbox (?:full|unavailable|is full|not found)|quota|delivery has failed|message you sent"
    r"|unzustellbar|nicht zugestellt|zustell\w*(?: \S+){0,3} (?:fehl|nicht|verz|benach)"
    r"|(?:fehler|problem)\w*(?: \S+){0,3} zustell|zur[uü]ck ?(?:gesandt|gewiesen|gekommen)"
    r"|zustellungsfehler|fehlgeschlagen|nachricht nicht"
    r"|non[- ]?remis|non distribu|non d[eé]livr"
    r"|[eé]chec(?: \S+){0,3} (?:distribution|remise|envoi|livraison)"
    r"|retour(?:n[eé])? (?:de courrier|à l'exp)|notification d'[eé]tat|impossible (?:de remettre|à)"
    r"|message retourn"
    r"|no (?:se )?(?:ha )?(?:sido )?(?:pud\w* )?(?:se )?(?:entreg|enviad)"
    r"|error (?:de|en) (?:la )?entrega|devuelto|no entregad|fallo|entrega (?:fallida|fracas)|falha"
    r"|n[aã]o entregue|n[aã]o (?:foi|p[oô]de)|devolvid|mancata consegna|non recapitat|impossibile"
    r"|consegna"
    r"|gagal (?:kirim|terkirim|dikirim|mengirim)|tidak (?:dapat )?terkirim|pengiriman gagal"
    r"|onbestelbaar|kan niet|ej levererat|nelze doru|nedoru[cč]|niedor[eę]cz|nie dostarczono|zwrot"
    r"|не ?доставлен|недостав|невозможно доставить|ошибка доставки|возвращ|уведомление о"  # noqa: RUF001 - Russian
    r"|配信(?:不能|エラー|でき)|送信(?:エラー|できません|失敗)|不達|未配信|配送(?:不能|エラー)"
    r"|エラーメール|メールエラー|退信|退回|投递失败|发送失败|未送达|無法(?:送達|傳送)|无法投递|系统退信|반송"
    r"|전송 ?실패",
    re.IGNORECASE,
)
_NO_BOUNCE_SUBJECT = re.compile(
    r"^\s*(?:re|fw|fwd|aw|wg|tr|rv|enc|antw|sv|vs)\s*(?:\[\d+\])?\s*:", re.IGNORECASE
)
_OPENING = re.compile(
    r"(?:message|mail|e-?mail|letter|it)(?: \S+){0,12} (?:could|can|was|were|has|had|is|did|cannot"
    r"|couldn't|wasn't|can't)(?: ?not| not been| n't)? (?:be |been "
    r"|able to be )?(?:un)?(?:deliver\w*|sent|reach\w*|returned|bounced|rejected|refused|forwarded"
    r"|relayed|routed|processed)"
    r""
    r"|(?:unable|failed|impossible|not able|wasn't able|not possible|could not|couldn't|cannot"
    r"|can't)(?: \S+){0,3} (?:deliver|send|forward|relay)"
    r"|deliver\w*(?: \S+){0,8} (?:fail\w*|unsuccessful|aborted|impossible|not possible|problem)"
    r"|fail\w*(?: \S+){0,4} (?:deliver|recipient|address)|undeliver\w+|non-?deliver\w+"
    r"|not (?:be )?delivered"
    r"|(?:addresses|recipients?)(?: \S+){0,4} (?:had|failed|did not receive|could not be reached"
    r"|was not reached|were not reached|was undeliverable|unknown)"
    r"|transcript of (?:the )?session|delivery (?:errors?|problems|failure)"
    r"|(?:reply|response|said|answered|error)(?: \S+){0,6} [45]\d\d[ \-]"
    r"|remote (?:host|server|mail server|smtp server)(?: \S+){0,3} (?:said|replied)|rcpt to"
    r"|did not reach|delivery status notification"
    r"|automatically (?:generated|created)(?: \S+){0,6} (?:mail|message|by)|qmail-send"
    r"|reason(?: of| for)?(?: \S+){0,3} (?:failure|rejection|return)|failure reasons"
    r"|has been returned|being returned|returning (?:it|your|the|message)|invalid final"
    r"|failed recipients?|was automatically rejected|not (?:a )?(?:valid|recognized)|no such user"
    r"|user unknown|unknown user|mailbox (?:is )?full|over ?quota|doesn't have an? .{0,40}account"
    r"|does not exist"
    r"|nicht (?:zugestellt|zustellbar|ausgeliefert|weitergeleitet|[uü]bermittelt)"
    r"|konnte[^.]{0,60} nicht|pas (?:pu )?(?:[eê]tre |[eé]t[eé] )(?:remis|d[eé]livr|distribu|envoy)"
    r"|n'a pas pu|no (?:se )?(?:ha |pudo |puede |ha sido )(?:podido |ser )?(?:entreg|envi)"
    r"|n[aã]o (?:p[oô]de|foi poss[ií]vel|foi)|non (?:è stato|[eé] stato|può)"
    r"|tidak (?:dapat|bisa|berhasil) (?:dikirim|terkirim|disampaikan|diantar)"
    r"|не (?:может|могло|удалось|было|доставлен)|送信できません|配信でき|届けでき|送信に失敗|不達"
    r"|退信|无法(?:送|投|发)|未能(?:送|投|发)|無法|投递|发送失败|전송하지|배달",
    re.IGNORECASE,
)
_LIST = {"list-post", "list-id", "list-unsubscribe", "x-mailing-list", "x-campaign"}
_PLAINLY = re.compile(r"(?:message|mail)[^.]{0,80} not (?:be |been )?delivered(?: to|[.:] reason)")
A_NOTE = 800  # characters: a server says little
_EMPTY_PATH = {"", "mailer-daemon"}


def subject_says_so_at(letter: Letter) -> int | None:
    """Where in its subject; such a subject often ends with our own."""
    found = _SUBJECT.search(letter.header("subject")[:300])
    return found.start() if found else None


def is_returned(letter: Letter) -> bool:
    """Whether a server reports about a message of ours. A person who forwards such a report does not."""
    subject = letter.header("subject")[:300]
    sender = letter.sender
    is_daemon = _DAEMON.search(sender) is not None
    says_in_subject = subject_says_so_at(letter) is not None
    opening = plain(letter.words[:6000])
    says_in_words = _OPENING.search(opening) is not None
    has_reply = SMTP.search(opening) is not None or ENHANCED.search(opening) is not None
    if "x-failed-recipients" in letter.headers:
        return True
    is_answer = _NO_BOUNCE_SUBJECT.search(subject) is not None
    is_list = bool(_LIST & letter.headers.keys())
    if is_answer or is_list:
        is_all_of_it = len(opening) < A_NOTE and _PLAINLY.search(opening) and not letter.header("in-reply-to")
        is_robot = is_daemon or (says_in_subject and _LIKE_A_DAEMON.search(sender) is not None)
        return bool(is_all_of_it) or (is_robot and (says_in_subject or says_in_words))
    if is_daemon:
        return says_in_subject or says_in_words or has_reply
    if _has_empty_path(letter):
        return says_in_subject or says_in_words
    is_likely = not sender or _LIKE_A_DAEMON.search(sender) is not None
    if not (says_in_subject and (says_in_words or has_reply)):
        return False
    return bool(letter.original) or (is_likely and bool(recipients(letter)))


def is_plain(letter: Letter, named: Iterable[str]) -> bool:
    """Whether it is one even without a reason: carriers and shops, too, write that they could not deliver."""
    has_come_back = letter.inner is not None or bool(letter.original)
    if has_come_back or "x-failed-recipients" in letter.headers or _has_empty_path(letter):
        return True
    if "mailer-daemon" in letter.sender:
        return any(named)
    is_list = bool(_LIST & letter.headers.keys())
    return any(named) and not is_list and _OPENING.search(plain(letter.words[:6000])) is not None


def _has_empty_path(letter: Letter) -> bool:
    path = letter.return_path
    return path is not None and (path in _EMPTY_PATH or path.startswith("mailer-daemon@"))


def may_report(letter: Letter) -> bool:
    """Unless a person hands on a report that somebody else got."""
    is_answer = _NO_BOUNCE_SUBJECT.search(letter.header("subject")) is not None
    return not is_answer or letter.content_type == "multipart/report"


def comes_from_a_server(letter: Letter) -> bool:
    """By its form: anybody can write the words."""
    is_report = (
        letter.content_type == "multipart/report" or bool(letter.groups) or letter.feedback is not None
    )
    return _has_empty_path(letter) or is_report or _DAEMON.search(letter.sender) is not None


_STRONG = (
    re.compile(r"^[ \t>*-]*(?:[45]\d\d (?:[45]\.\d+\.\d+ )?)?<([^<>\s]+@[^<>\s]+)>:?", re.MULTILINE),
    re.compile(
        r"\b(?:rcpt to|recipients?|to|address|user|for|mailbox|addressee|adress[ae]?"
        r"|宛先)\b[ \t]*(?:\([^)]*\))?[:=]?[ \t]*[<\[\"']*(?:smtp:)?([^\s<>()\[\]\",;:]+@[a-z0-9.-]+)",
        re.IGNORECASE,
    ),
    re.compile(
        r"^[ \t>*\"'-]*([^\s<>()\[\]\",;:]+@[a-z0-9.-]+)[\"']?(?![a-z0-9.-])[ \t]*"
        r"(?:[:;,(\[].*|<.*|[45]\d\d.*|on .*)?$",
        re.IGNORECASE | re.MULTILINE,
    ),
)
# A report's summary of our message names many whom it did reach.
_SUMMARY = re.compile(
    r"^[ \t>]*(?:to|cc|from|reply-to|sender|subject|message-id|an|von|de|à|para)[ \t]*:.*$",
    re.IGNORECASE | re.MULTILINE,
)
_ROBOTS = re.compile(
    r"^(?:mailer-daemon|postmaster|abuse|support|helpdesk|webmaster|hostmaster|admin(?:istrator)?"
    r"|root|mail-daemon)@"
)


def recipients(letter: Letter) -> list[str]:
    """Whom it did not reach: as a header says, else the words, else flufl.bounce, else our own To."""
    named = ADDRESS.findall(letter.header("x-failed-recipients"))
    if named:
        return _tidy(named)
    written = letter.header("to"), letter.header("from"), letter.original.get("from", "")
    ours = set(addresses_in(*written))
    text = _SUMMARY.sub("", letter.words.replace("&lt;", "<").replace("&gt;", ">"))
    for pattern in _STRONG:
        found = [each for each in _tidy(pattern.findall(text)) if each not in ours]
        if found:
            return [each for each in found if not _ROBOTS.match(each)] or found
    found = [each for each in _tidy(ADDRESS.findall(text)) if each not in ours and not _ROBOTS.match(each)]
    wanted = _tidy(ADDRESS.findall(letter.original.get("to", "")))
    return [each for each in found if each in wanted] or _by_flufl(letter) or found[:1] or wanted


def apart(words: str, named: Iterable[str]) -> list[str]:
    """What it says of each, in lines from one that begins with the name on to the next such line."""
    names = "|".join(re.escape(name) for name in sorted(named, key=len, reverse=True))
    begins = rf"^[^\w\n]*(?:[45]\d\d )?({names})(?![\w-]|\.\w)"
    found = list(re.finditer(begins, words, re.IGNORECASE | re.MULTILINE)) if names else []
    ends = [each.start() for each in found[1:]] + [len(words)]
    said = dict.fromkeys(named, "")
    for begin, end in zip(found, ends, strict=False):
        said[begin[1].lower()] += words[begin.start() : end]
    return list(said.values())


def _by_flufl(letter: Letter) -> list[str]:
    """The detectors of Mailman's library, on the words alone: its rules for odd servers are many."""
    head = "".join(
        f"{name}: {letter.header(name)}\n" for name in ("from", "subject", "x-mailer") if letter.header(name)
    )
    try:
        passing, lasting = all_failures(message_from_string(f"{head}\n{letter.words[:20_000]}"))
    except Exception:  # noqa: BLE001 - whatever a detector does with odd mail, ours go on
        return []
    return _tidy(address.decode("ascii", "replace") for address in sorted(lasting | passing))


def _tidy(addresses: Iterable[str]) -> list[str]:
    made = (clean(address) for address in addresses)
    return list(dict.fromkeys(each for each in made if ADDRESS.fullmatch(each)))[:MOST_RECIPIENTS]
