"""Mail to a responder: short, neutral, in their language; one attempt, bounded in time, its result a value."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Literal

import aiosmtplib

from schemas.envelope import rfc3339
from schemas.notices import NoticeIssued
from services.rules.parcels import Links, Parcel

SMTP = "smtp"
Security = Literal["starttls", "tls", "none"]


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mail is handed in, and by whom."""

    host: str
    port: int
    sender: str
    security: Security = "starttls"
    username: str | None = None
    password: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class _Words:
    waits: str
    until: str
    seen: str
    code: str


WORDS: Mapping[str, _Words] = {
    "fr": _Words("Sameroof : du travail vous attend", "jusqu'à", "Dire que vous l'avez vu", "Votre code"),
    "nl": _Words("Sameroof: er wacht werk op u", "tot", "Zeggen dat u het gezien hebt", "Uw code"),
    "de": _Words("Sameroof: Arbeit wartet auf Sie", "bis", "Sagen, dass Sie es gesehen haben", "Ihr Code"),
    "en": _Words("Sameroof: work is waiting for you", "until", "Say that you have seen it", "Your code"),
}


def mail_of(parcel: Parcel, address: str, server: MailServer, *, links: Links | None, language: str) -> EmailMessage:
    """The mail: codes and links, nothing personal but the address. Its Message-ID is the parcel's key, so the same when sent again."""
    words = WORDS.get(language, WORDS["en"])
    mail = EmailMessage()
    mail["From"], mail["To"] = server.sender, address
    mail["Subject"] = f"{words.waits} ({parcel.band}, {len(parcel.notices)})"
    mail["Message-ID"] = f"<{parcel.key}@sameroof.invalid>"
    mail["Date"] = parcel.notices[0].at
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content("\n\n".join(_told(notice, links, words) for notice in parcel.notices) + "\n")
    return mail


def _told(notice: NoticeIssued, links: Links | None, words: _Words) -> str:
    lines = [f"{notice.band} · {notice.kind} · {notice.desk_id} · {notice.reason}"]
    if notice.until is not None:
        lines.append(f"{words.until} {rfc3339(notice.until)}")
    link = links.of(notice) if links else None
    code = links.code_of(notice) if links else None
    lines += [f"{words.seen}: {link}"] if link else []
    lines += [f"{words.code}: {code}"] if code else []
    return "\n".join(lines)


async def send(mail: EmailMessage, server: MailServer, *, within: float) -> str | None:
    """Hands a mail in, in so many seconds at most. `None` when it was taken, else a code (`status_550`, `timeout`, ...); raises nothing
    else that an address could be read from."""
    try:
        await aiosmtplib.send(
            mail,
            hostname=server.host,
            port=server.port,
            username=server.username,
            password=server.password,
            use_tls=server.security == "tls",
            start_tls=server.security == "starttls",
            timeout=within,
        )
    except aiosmtplib.SMTPRecipientsRefused as refused:
        return f"status_{refused.recipients[0].code}"
    except aiosmtplib.SMTPResponseException as refused:
        return f"status_{refused.code}"
    except (aiosmtplib.SMTPTimeoutError, TimeoutError):
        return "timeout"
    except (aiosmtplib.SMTPException, OSError):
        return "unreachable"
    except ValueError:
        return "invalid_address"
    return None
