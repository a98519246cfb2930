"""What does a link hold, and what is said back? Codes are derived from a notice's id and a secret, so that nobody has to store one."""

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from hashlib import sha256
from uuid import UUID

BYTES = 16  # 128 bits
SPOKEN = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's: nothing that is easily taken for something else
SPOKEN_LENGTH = 8
TAKEN_FOR = str.maketrans("OIL", "011")


def link_code(secret: bytes, notice_id: str) -> str | None:
    """The code of a notice's one-time link: which notice it is, and 128 bits that only we can make. `None` for an id that is no UUID."""
    try:
        identity = UUID(notice_id)
    except ValueError:
        return None
    return urlsafe_b64encode(identity.bytes + _made(secret, "link", str(identity))).decode().rstrip("=")


def notice_of(secret: bytes, code: str) -> str | None:
    """The id of the notice whose link this is; `None` for whatever we did not make."""
    try:
        raw = urlsafe_b64decode(code.encode("ascii") + b"=" * (-len(code) % 4))
    except (Error, ValueError):
        return None
    if len(raw) != 2 * BYTES:
        return None
    notice_id = str(UUID(bytes=raw[:BYTES]))
    return notice_id if hmac.compare_digest(raw[BYTES:], _made(secret, "link", notice_id)) else None


def spoken_code(secret: bytes, notice_id: str) -> str:
    """What the verification of a contact method sends and wants said back: eight characters, 40 bits."""
    number = int.from_bytes(_made(secret, "spoken", notice_id))
    signs = "".join(SPOKEN[number >> 5 * place & 31] for place in range(SPOKEN_LENGTH))
    return f"{signs[:4]}-{signs[4:]}"


def is_spoken(secret: bytes, notice_id: str, said: str) -> bool:
    """Whether somebody said that code back, however they wrote it."""
    plain = "".join(sign for sign in said.upper().translate(TAKEN_FOR) if sign in SPOKEN)
    wanted = spoken_code(secret, notice_id).replace("-", "")
    return hmac.compare_digest(plain.encode(), wanted.encode())


def _made(secret: bytes, use: str, text: str) -> bytes:
    return hmac.new(secret, f"{use}|{text}".encode(), sha256).digest()[:BYTES]
