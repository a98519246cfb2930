"""A mail server as a process of its own: `python -m tests.stage.mail_process PORT FILE` writes each mail it takes as a JSON line.

Recipients say by their names what becomes of their mail: `refused` for good, `later` never now, `hangs` is not answered at all.
"""

import asyncio
import json
import os
import sys
from email import message_from_bytes, policy
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session


class Mailbox:
    """What aiosmtpd asks."""

    def __init__(self, file: Path) -> None:
        self.file = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT)

    async def handle_RCPT(  # noqa: N802 - as aiosmtpd calls it
        self, _: SMTP, __: Session, envelope: Envelope, address: str, ___: list[str]
    ) -> str:
        """Whether there is such a recipient."""
        name = address.partition("@")[0]
        if name == "refused":
            return "550 no such person"
        if name == "later":
            return "451 try again"
        if name == "hangs":
            await asyncio.sleep(3_600)
        envelope.rcpt_tos.append(address)
        return "250 ok"

    async def handle_DATA(self, _: SMTP, __: Session, envelope: Envelope) -> str:  # noqa: N802 - as aiosmtpd calls it
        """Takes a mail."""
        content = envelope.content
        assert isinstance(content, bytes)
        mail = message_from_bytes(content, policy=policy.default)
        body = mail.get_body()
        told = {"to": envelope.rcpt_tos, "id": mail["Message-ID"], "subject": mail["Subject"]}
        line = json.dumps({**told, "text": body.get_content() if body else ""}) + "\n"
        os.write(self.file, line.encode())
        return "250 taken"


async def main(port: int, file: Path) -> None:
    """Serves until it is killed."""
    box = Mailbox(file)
    server = await asyncio.get_running_loop().create_server(lambda: SMTP(box, hostname="mail.test"), "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), Path(sys.argv[2])))
