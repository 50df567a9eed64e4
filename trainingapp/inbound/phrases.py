"""How mail servers of forty years put it, in the languages they speak. Data: patterns over lower-case text
whose white space is single blanks. What each group means stands in verdicts.py.
"""

import re


def _any(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns))


_BOX = (
    r"(?:mail ?box|mail ?folder|mail ?drop|maildir|in-?box|mailbag|account|mail file|user"
    r"|recipient|person'?s?)"
)

# The mailbox has no room. Emptied one day, it takes mail again.
FULL = _any(
    rf"{_BOX}(?: \S+){{0,5}} (?:is |has |was |are )?(?:now |currently |temporarily "
    rf"|already )?(?:full|overfull)\b",
    r"full mailbox|mailbox_full|mailbox(?: \S+){0,3} exceed",
    r"exceed\w*(?: \S+){0,4} (?:mail ?box|storage|disk)\b",
    r"(?:over|exceed\w*|exceeding|above|out of|beyond|hit|reached|violat\w+)(?: \S+){0,4} (?:disk space"
    r"|(?<!relay )(?<!sending )(?<!rate )quota)",
    r"(?<!relay )(?<!sending )(?<!rate )quota(?: \S+){0,4} (?:exceed\w*|full|reached"
    r"|violation|used|is over|usage)",
    r"overdrawn|mail ?box space not enough|exceed\w* allowed size|over ?quota|overquota",
    r"quotaexceeded|quota violation|exceeded storage allocation|storage (?:limit|quota)",
    r"exceed\w* (?:the |its |their |his |your )?(?:maximum |allowed |allotted |mail )*(?:storage"
    r"|space|capacity)",
    r"not (?:have )?enough (?:storage |disk |free |mailbox )?space",
    r"no (?:more )?(?:space|room) (?:left )?in (?:the |his |her )?mail",
    r"insufficient (?:mailbox|disk|storage) (?:space|quota|storage)|(?:disk|disc|mail) ?space has been used",
    r"too many messages (?:on the server|in)",
    r"(?:size|number) of (?:the )?(?:messages in (?:the )?)?(?:recipient's )?mailbox",
    r"messages in recipient's mailbox exceeded|space has been used up|mailbox size",
    r"exceed\w* (?:the )?receiving limits",
    r"mail file size exceeds|would (?:be over|exceed)|too much mail data|storage is full|\b[45]\.2\.2\b",
    r"(?:postfach|mailbox|postkorb)(?: \S+){0,3} (?:ist )?(?:voll|überfüllt|ueberfuellt)",
    r"speicher(?:platz)?(?: \S+){0,3} (?:voll|erschöpft|überschritten)",
    r"bo[iî]te(?: \S+){0,4} (?:est )?pleine|quota(?: \S+){0,3} d[eé]pass[eé]|d[eé]passe(?: \S+){0,3} quota",
    r"buz[oó]n(?: \S+){0,4} lleno|cuenta(?: \S+){0,4} (?:llena|excedi)|sin espacio",
    r"excedi(?:ó|do)(?: \S+){0,3} cuota|cuota(?: \S+){0,2} excedida",
    r"caixa(?: \S+){0,4} cheia|cota(?: \S+){0,3} excedida|casella(?: \S+){0,4} piena",
    r"(?:kotak (?:surat|pesan|masuk)|mailbox)(?: \S+){0,3} penuh|melebihi kuota",
    r"(?:ящик|почтовый ящик)\S*(?: \S+){0,4} перепол|переполнен|превышен\w*(?: \S+){0,3} квот",
    r"skrzynka(?: \S+){0,4} (?:pełna|przepełniona)|przekroczono(?: \S+){0,3} limit",
    r"(?:メールボックス|受信箱|容量).{0,20}(?:一杯|いっぱい|超え|超過|不足)|満杯",
    r"(?:邮箱|信箱|郵箱|空间|空間|容量).{0,12}(?:满|滿|不足|超出|超过|超過)",
)

# It is about us or our message: the address is alive. Nobody pays for it; an operator should look.
# These stand before the unknown ones: "sender address rejected: domain not found" is about our domain.
ABOUT_THE_SENDER = _any(
    r"sender(?:'s)?(?: \S+){0,4} (?:rejected|denied|refused|invalid|not (?:found|exist|allowed"
    r"|verified|accepted|valid|known)|fail\w*|unknown|does not|doesn't|cannot|could not|can't"
    r"|blocked|empty)",
    r"(?:invalid|unknown|unverified|unroutable|bogus|unauthori[sz]ed"
    r"|forged) (?:envelope )?(?:sender|mail from|from)\b",
    r"domain of sender|mail from(?: \S+){0,4} (?:not|denied|rejected|refused|invalid)|from address",
    r"envelope sender",
    r"(?:helo|ehlo|client host|connecting|your (?:ip|host|server|reverse))\b.{0,40}(?:reject|refus"
    r"|denied|block|not found|invalid|cannot)",
    r"cannot (?:find|resolve) your|reverse (?:dns|hostname|lookup)|rdns|\bptr\b|fcrdns",
    r"null sender|empty (?:envelope )?sender|returned mail not accepted|third-party dsns|\bbatv\b",
    r"unsigned dsn",
    r"not (?:been )?authenticated|authentication (?:is )?required|must (?:be )?authenticate",
    r"requires? authentication|smtp auth",
    r"(?:email|sender) address is not verified|not pre-approved|in reply to mail from|after mail from",
    r">>> mail from:\S*(?: \S+=\S+)* <<< 5(?!.*<<< 5)",
    r"(?:is|are) not (?:allowed|permitted|authori[sz]ed) to (?:send|post) ",
    r"you are not (?:allowed|permitted|authori[sz]ed) to (?:send|post|relay)",
    r"sender is not (?:allowed|authori[sz]ed)",
    r"from:? domain is|invalid domain, see|5\.5\.4 invalid domain|mx records for \S+ violate|recursive cname",
    r"without a valid sender|invalid credentials|incorrect authentication|failed to authenticate",
)
POLICY = _any(
    r"\bspam(?!\w*@)|unsolicited|junk ?mail|black ?list|block ?list|\bblocked\b|\bblocked?:",
    r"black hole|blackhole|\(bl\)",
    r"\bdns ?bl\b|\brbls?\b|spamhaus|spamcop|sorbs|surbl|uribl|barracuda(?:central)?|abuseat",
    r"mail-abuse|senderbase|proofpoint\.com",
    r"\bspf\b|\bdkim\b|\bdmarc\b|domainkeys|reputation|\bpolicy\b|policies|rejected by rule",
    r"security (?:policy|reasons)",
    r"(?:content|body|subject|attachment|message|mail)s?(?: \S+){0,4} (?:filter\w*|not allowed"
    r"|prohibited|forbidden|banned|infected)",
    r"message (?:was |has been |is )?(?:content )?(?:rejected|refused|denied|discarded|quarantined)",
    r"\bvirus(?!wall)|malware|trojan|phish|executable|dangerous|suspicious|grey-?list|gray-?list",
    r"forbidden|prohibited|bulk (?:e-?)?mail",
    r"administrative(?:ly)? prohibit|access denied|not authori[sz]ed|unauthori[sz]ed|permission",
    r"(?:network|client|host|ip|address range),? (?:is )?not allowed",
    r"denied by|delivery not authori[sz]ed",
    r"restricted|only accept\w*(?: \S+){0,3} (?:from|mail)|refuse to receive",
    r"refused by (?:the )?recipient",
    r"rejected due to|rejected because|complaint|abus(?:e|ive)|go away|no thank you|banned",
    r"dynamic ip|open (?:proxy|relay)",
    r"unusual rate|rate limit\w*|limit exceeded|too many (?:connections|recipients|emails|messages|sessions)",
    r"number of messages per|messages this hour|daily limit|(?:receive|thread) limit",
    r"(?:sending|relay) (?:quota|limit)|throttl",
    r"challenge|whitelist|approved senders|(?<!not )listed (?:in|on|at)",
    r"not (?:currently )?accepting (?:mail|messages|e-?mail|any mail) (?:from|with)",
    r"messages without|mass mailer|header (?:error|is missing)|duplicate headers",
    r"rfc ?(?:2)?822 compli|5322",
    r"suspected|connection denied|frequency (?:of|limited|limit)|access denined|content denied",
    r"rejected by recipients?\b|(?:reject\w*|invalid) (?:mail |message )?content",
    r"bulk\.advertis|mail rejet[eé]",
    r"data before greeting|too many invalid recipients|tls required",
    r"authenticat|authentification|verification failure|protocol violation|from: addresses",
    r"illegal attachment|containing (?:images|attachments)|low priority|organizational settings",
    r"non-?member|members-only|closed (?:mailing )?list|not subscribed",
    r"messages from \S+ (?:will|are|were|have)|backscatter|bouncedeny|mismatches client|no access from",
    r"smtp server of your isp|unresolvable relay|confirm this mail server|server requires confirmation",
    r"requires? (?:encryption|tls|high-strength)|for this certificate",
)
# Somebody lives there and wants no mail of ours, whatever the code beside it says.
UNWANTED = _any(
    r"recipient(?:'s)? preferences|e-?mail preferences of the person",
    r"sender verify fail|[45]\d\d[- ]verification failed for",
)
TOO_LARGE = _any(
    r"(?:message|mail|e-mail|size|data|text|header)(?: (?:is|was|size|body|itself))* too (?:large|big|long)",
    r"too (?:large|big) (?:for|to)|(?:message|mail)(?: \S+){0,5} (?:larger|bigger) than|message size",
    r"(?:message|mail|size|text)(?: \S+){0,5} exceed\w*(?: \S+){0,5}"
    r" (?:message size|maximum (?:size|allowed))",
    r"(?:message|mail|size|text)(?: \S+){0,5} exceed\w*(?: \S+){0,5} (?:size limit|length)|size \d+ exceed",
    r"exceed\w*(?: \S+){0,4} (?:maximum (?:message )?size|fixed limit)|sendsizelimit|recipsizelimit",
    r"max(?:imum)? (?:e-?mail|message|mail) size|size limit ?=|\b5\.3\.4\b",
    r"(?:nachricht|mail) (?:ist )?zu gro(?:ß|ss)",
)

# The person or the place does not exist, has moved, or was closed.
_NONE = (
    r"(?:user|recipient|mail ?box|address|account|person|people|addressee|alias|name|customer"
    r"|subscriber|member|login|maildrop|id|userid|username|recipients|addresses|e-mail|email)"
)
UNKNOWN = _any(
    r"(?:unknown|invalid|no such|nonexist\w+|non-exist\w+|illegal|bad|undeliverable"
    r"|unrecogni[sz]ed|unroutable|unrouteable|not? valid|no local|inactive|expired|disabled"
    r"|incorrect)"
    rf" (?:or \S+ )?(?:virtual |local |local-|mail |e-?mail |final |destination |delivery "
    rf"|envelope |smtp |internet |user |remote )*{_NONE}s?\b",
    rf"{_NONE}s?\b[^.;]{{0,60}}? (?:is |was |are |were |has |have |had |been |an |a )*(?:unknown"
    rf"|invalid|inactive|disabled|suspended|expired|deactivated|discontinued|terminated|closed"
    rf"|cancel+ed|removed|deleted|locked|frozen|not (?:been )?(?:found|known|exist\w*|valid|active"
    rf"|listed|recogni[sz]ed|local|available|unique|defined|present|registered|configured|ok|in )"
    rf"|nonexist\w+|non-exist\w+|undeliverable|unavailable|unreachable|no longer|unrecogni[sz]ed"
    rf"|abandoned|obsolete|incorrect|malformed|moved)",
    r"(?:is|are|was) (?:not|no longer) an? (?:valid|known|active|local|existing|legal|current"
    r"|registered|member)?\s?{_NONE}",
    r"not our customer",
    r"no longer (?:with|works?|here|employed|in use|valid|active|accept\w*|available|monitored|at"
    r"|used)",
    r"does ?n[o']t (?:currently )?(?:exist|have an? .{0,40}(?:account|mailbox))|do not exist",
    r"doesn'?t exist|didn't exist|never existed|could ?n[o']t be found|can ?not be found",
    r"not exist\b",
    r"user ?unknown|unknown ?user|userunknown|usernotfound|recipnotfound|recipient ?not ?found",
    r"addressee unknown|unknown (?:address|recipient|mailbox|account|e-?mail)|unknown local.?part",
    r"no (?:valid |such )?recipient|unknown_user",
    r"no (?:such )?(?:user|mailbox|account|person|address|one|mail ?box|alias|domain"
    r"|name)\b(?: \S+){0,4} (?:here|found|by that|at this|with that|available|in )",
    r"no mailbox|no account|no such|no valid (?:recipients|cert)|there is no (?:one|user|such)",
    r"recipient address rejected(?!: (?:policy|greyl|grayl|blocked|temporar|service|client|please"
    r"|too|try|4|domain not|undeliverable address: host))",
    r"recipients? (?:was |is |were )?(?:rejected|refused|denied|not accepted)|address rejected",
    r"addresses? (?:was |were )?(?:rejected|refused)|rejected (?:all )?(?:the )?recipients?",
    r"(?:envelope )?recipient has been denied",
    r"not (?:listed )?in (?:the |public |our |my |domino |name )*(?:directory|address book"
    r"|name & address|aliases|database|list of|validrcptto|recipient)",
    r"did not (?:exactly )?match an?y? (?:\S+ )?e?-?mail address",
    r"no ?(?:match|matches) (?:in|to) (?:the )?(?:name|directory)|several matches found|not unique in",
    r"badrcptto|bad ?recipientto|chkusr|rcpthosts",
    r"(?:bad|invalid|wrong) (?:destination|mailbox|address|rcpt|e-?mail)",
    r"mailbox (?:is )?(?:unavailable|unavaiable|invalid|inactive|disabled|not)",
    r"requested action not taken: mailbox",
    r"(?:account|mailbox|user|service)(?: \S+){0,8} (?:disabled|suspended|inactive|deactivated"
    r"|discontinued|expired|closed|terminated|frozen|locked|inactivity)",
    r"suspended|\[suspend\]|extended inactivity",
    r"has been (?:disabled|closed|deactivated|discontinued|archived)|unpaid",
    r"relay(?:ing)?(?: access)?(?: is)? (?:not (?:permitted|allowed)|denied|prohibited|refused"
    r"|forbidden)",
    r"(?:unable|not allowed|not permitted|cannot|can ?not|won't|refus\w+|don't"
    r"|do not) (?:to )?relay",
    r"we do not relay|as a relay|malformed (?:or unexpected )?name server reply",
    r"not a (?:relay|gateway|open relay)|insecure mail relay",
    r"not (?:a )?local (?:domain|host|address|recipient|user)",
    r"is not (?:hosted|local|handled|served) (?:here|by)|isn't in my list of",
    r"not accepted for this domain|domain not (?:hosted|accepted|allowed)|doesn't accept mail for",
    r"(?:unknown|unrouteable|unroutable|unresolvable|invalid|illegal|bad|nonexistent|non-existent"
    r"|no such) (?:mail )?(?:host|domain|destination|address)",
    r"(?:host|domain|hosts|server)s?\b[^;]{0,60}? (?:is |was )?(?:unknown|not found|not exist"
    r"|nonexistent|non-existent|invalid|unrouteable|unroutable|not (?:be )?(?:resolved|found)"
    r"|does ?n[o']t exist|cannot be found|couldn't be found|expired)",
    r"(?:could|can) ?n[o'](?:t)? (?:find|resolve|locate)(?: \S+){0,4} (?:host|domain"
    r"|mail exchanger|mx|recipient|user|address|name|server)",
    r"nxdomain|non-?existent (?:domain|host)|host ?unknown|hostunknown|host unreachable or unknown",
    r"name or service not known|all (?:relevant )?mx records point to|lookups? failed permanently",
    r"no (?:mx|a|dns|valid mx|mail)\b(?: or \w+)? ?(?:records?|exchanger|hosts?|server|information"
    r"|data)",
    r"null ?mx|does ?n[o']t (?:accept|receive|handle) (?:e?-?mail|any mail)|does not accept mail",
    r"indicated no smtp service|dns domain .{0,60} does not exist|data format error",
    r"malformed (?:address|recipient)|syntax error in (?:the )?(?:address|mailbox|recipient)",
    r"no route for|not routable|cannot route mail to user",
    r"has (?:been )?moved|user (?:has )?moved|new (?:e-?mail )?address|address (?:has )?changed",
    r"changed (?:his|her|their) address|left the (?:company|organi[sz]ation|university)",
    r"no longer (?:an? )?(?:employee|student|member)",
    r"please (?:try|use)(?: \S+){0,3} (?:instead|new)|not our user|wrong or no longer valid",
    r"isn't (?:a )?(?:valid|known)|unable to (?:find|locate) (?:user|recipient|address|mailbox)",
    r"not been collected",  # for weeks: nobody reads there any more
    r"missing home directory|not deliverable|can't (?:accept|create) (?:user|output)",
    r"mailbox .{0,60} not found",
    r"delivery to (?:this|the following) (?:address|recipient)s? (?:is |was )?(?:not possible"
    r"|impossible)",
    r"not a known|not known|no valid|resolver\.adr|rst\.recip|badaddress|invalid-recipient",
    r"(?:this|that) person",
    r"adressat unbekannt|unbekannt(?:er|e)? (?:benutzer|empf[aä]nger|adresse|user|adressat)",
    r"(?:empf[aä]nger|benutzer|adresse|e-?mail-adresse|postfach|konto|domain"
    r"|domäne)[^.]{0,60} (?:unbekannt|existiert|nicht (?:gefunden|bekannt|vorhanden|existent"
    r"|zustellbar|mehr)|ung[uü]ltig|konnte nicht)",
    r"nicht gefunden|kein(?:e|en)? solche",
    r"(?:utilisateur|destinataire|adresse|compte|bo[iî]te|domaine)[^.]{0,60} (?:inconnu|inexistant"
    r"|n'existe|invalide|introuvable|d[eé]sactiv|archiv[eé]|erron[eé]|ferm[eé]|n'est pas|n'a pas)",
    r"pas (?:pu )?[eê]tre (?:trouv|remis|d[eé]livr)",
    r"(?:usuario|destinatario|direcci[oó]n|cuenta|buz[oó]n|dominio)[^.]{0,60} (?:desconocid"
    r"|inexistente|no existe|inv[aá]lid|no (?:se )?encontr|no es v|incorrect|deshabilitad"
    r"|desactivad|inactiv)",
    r"no existe (?:el|la|dicha|ese|tal)",
    r"usu[aá]rio[^.]{0,40} (?:desconhecid|inexistente|n[aã]o (?:existe|encontrad)|inv[aá]lid"
    r"|desativad)",
    r"(?:conta|endere[cç]o|caixa|destinat[aá]rio)[^.]{0,40} (?:inexistente|n[aã]o (?:existe"
    r"|encontrad|foi encontrad)|inv[aá]lid|desativad|bloquead)",
    r"utente[^.]{0,40} (?:sconosciuto|inesistente)|nessun utente|indirizzo[^.]{0,40} inesistente",
    r"(?:pengguna|alamat|akun|penerima)[^.]{0,40} (?:tidak (?:ditemukan|ada|dikenal|valid"
    r"|terdaftar|aktif))",
    r"tidak ditemukan",
    r"(?:пользовател\w*|получател\w*|адрес\w*|почтов\w+ ящик\w*|ящик\w*"
    r"|домен\w*)[^.]{0,60} (?:не (?:найден|существует|зарегистрирован|доступен)|неизвест"
    r"|заблокирован|отключен|удал)",
    r"неизвестн\w+ (?:пользователь|получатель|адрес)|нет такого|не найден|не существует",
    r"(?:u[zż]ytkownik|adres|odbiorca|konto|skrzynka)\w*[^.]{0,60} (?:nie (?:istnieje|znaleziono"
    r"|znany)|nieznan|nieprawid|zablokowan|nieaktywn)",
    r"nieznany|nie ma takiego|nie istnieje|neexistuje|onbekend|bestaat niet|ukjent|ok[aä]nd",
    r"tuntematon|bilinmeyen|ismeretlen",
    r"(?:宛先|ユーザー?|アドレス|あて先|メールアドレス|受信者|ホスト|ドメイン).{0,30}(?:不明"
    r"|見つか(?:りません|らない|りませんでした)|存在し(?:ません|ない)|ありません|無効|間違|該当)",
    r"存在しない|見つかりません|リストにありません|該当するアドレス",
    r"(?:用户|用戶|收件人|帐号|帐户|賬號|邮箱|信箱|郵箱|地址|域名|使用者).{0,16}(?:不存在|未找到"
    r"|找不到|无效|無效|禁用|停用|冻结|不正确|错误|查无|暂停|未知|被锁定)",
    r"(?:不存在|无此|查無|无法找到).{0,10}(?:用户|用戶|收件人|帐号|地址|邮箱|此)",
    r"사용자.{0,20}(?:없|존재하지)|존재하지 않",
)

# It may pass next time.
PASSING = _any(
    r"timed? ?-?out",
    r"not accept (?:our )?(?:requests? to connect|connections?)|find a gateway",
    r"connection (?:was )?(?:refused|reset|dropped|lost|closed|failed|terminated|interrupted)",
    r"lost connection|connect (?:error|failed|failure)",
    r"(?:unable|failed|not able|wasn't able|could ?n[o']t|can ?not|can't) (?:to )?(?:connect"
    r"|establish|contact|reach|open (?:a )?connection)",
    r"no route to host",
    r"(?:network|host|destination|server)(?: \S+){0,3} (?:is )?(?:unreachable|down|busy"
    r"|unavailable|not responding|not reachable)",
    r"not reachable within|not respond|no answer from|try (?:it )?(?:again|later)|temporar",
    r"transient|deferred|deferring|retry|later",
    r"too many (?:hops|received)|hop count|mail ?loop|loops? back|looping|routing loop",
    r"forwarding loop|loop detected|insufficient (?:system|resources)|out of memory|no space left",
    r"disk full|i/o error|internal (?:server |system )?(?:software )?error|configuration error",
    r"local error|system error|resources? (?:temporarily )?unavailable|lookup fail|name ?server",
    r"dns (?:error|failure|server|problem)|still being retried|in (?:the )?queue",
    r"queue (?:too long|life ?time|period|time)|delivery (?:time )?expired",
    r"(?:message|envelope) (?:has )?expired|aborted after|socket error",
    r"failed (?:after )?\d+ (?:attempts|tries|times)|for \d+ (?:hours?|days?|minutes?)",
    r"within \d+ (?:hours?|days?)|support (?:start)?tls|giving up|starttls|tls (?:error|handshake)",
    r"protocol error|out of service",
    r"service(?: \S+)? (?:not |un)available|been failing|retry time not reached|giving up after",
    r"maximum (?:number of )?(?:delivery )?attempts|overload|delayed?\b|local delivery failed",
    r"mailer error|can't create|cannot open|pipe to|system call|queue file|misconfigured",
    r"error while being processed",
)
DELAYED = _any(
    r"this is (?:an? )?(?:advisory|warning)(?: \S+){0,3} only|you do not need to re-?send",
    r"(?:not|n't) yet been delivered|has (?:still not|not yet) been|no action is required",
    r"will (?:continue to )?(?:keep trying|be retried|retry|try again)|will keep trying",
    r"(?<!no further )delivery attempts will (?:continue|be)",
    r"still (?:being )?(?:trying|retried|in (?:the )?queue)",
    r"could not send message for past|delivery (?:is |has been )?(?:temporarily )?delayed",
    r"has been delayed|delayed (?:mail|for|by)|message (?:is )?delayed",
    r"(?:incomplete|temporar\w+)[^.]{0,40}(?:delivery|problem|fail)[^.]{0,60}(?:retr|try)",
    r"wird (?:weiterhin|erneut) versucht|verz[oö]gert|noch nicht zugestellt|n'a pas encore",
    r"retard[eé]|se seguir[aá] intentando|ha sido retrasad|atrasad|задержан|遅延|遅れて|再送(?!信して)|延迟",
    r"重试",
)
