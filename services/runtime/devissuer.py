"""A token issuer for one machine, on explicit opt-in only (SAMEROOF_DEV_ISSUER=1); its keys are refused everywhere else.

`python -m services.runtime.devissuer --dir DIR` prints {tokens{agent,responder,supervisor}, jwks, issuer, audience};
`--subject ID [--subject ID ...] --role responder` prints {tokens{ID: token}} from the same key.
"""

import argparse
import json
import os
import sys
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

from joserfc import jwt
from joserfc.jwk import ECKey, KeySet

from schemas.words import Role
from services.runtime.clock import Clock

KEY_PREFIX = "sameroof-dev-"
ISSUER = "urn:sameroof:dev-issuer"
AUDIENCE = "sameroof"
OPT_IN = "SAMEROOF_DEV_ISSUER"
ALGORITHM = "ES256"
DEMO_ROLES = (Role.AGENT, Role.RESPONDER, Role.SUPERVISOR)


class DevIssuer:
    """Signs tokens with a key kept in `folder`; makes the key and `jwks.json` when they are not there."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.jwks = folder / "jwks.json"
        private = folder / "devissuer.key.json"
        if not private.exists():
            _write(private, json.dumps(_new_key().as_dict(private=True)), 0o600)
        self._key = ECKey.import_key(json.loads(private.read_bytes()))
        _write(self.jwks, json.dumps(KeySet([self._key]).as_dict(private=False)), 0o644)

    def token(
        self, subject: str, roles: Sequence[Role], *, now: datetime, life: timedelta, organisation: str | None = None
    ) -> str:
        """A signed access token for `subject`, good until `now + life`; `organisation`: for the system of an outside one."""
        issued = int(now.timestamp())
        claims = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": subject,
            "roles": [role.value for role in roles],
            "iat": issued,
            "exp": issued + int(life.total_seconds()),
            **({} if organisation is None else {"organisation": organisation}),
        }
        return jwt.encode({"alg": ALGORITHM, "typ": "at+jwt", "kid": self._key.kid}, claims, self._key)


def _new_key() -> ECKey:
    key = ECKey.generate_key("P-256", {"use": "sig", "alg": ALGORITHM})
    return ECKey.import_key({**key.as_dict(private=True), "kid": KEY_PREFIX + key.thumbprint()[:16]})


def _write(path: Path, text: str, mode: int) -> None:
    part = path.with_name(f"{path.name}.{os.getpid()}")
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "w") as file:
        file.write(text)
    part.replace(path)


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line above."""
    if os.environ.get(OPT_IN) != "1":
        sys.stderr.write(f"The dev issuer signs tokens for anybody; set {OPT_IN}=1 to use it on your own machine.\n")
        return os.EX_CONFIG
    parser = argparse.ArgumentParser(prog="python -m services.runtime.devissuer")
    parser.add_argument("--dir", type=Path, required=True, help="key and jwks.json; `dev_issuer` of the stack file")
    parser.add_argument("--subject", action="append", help="token subject; may be repeated")
    parser.add_argument("--role", action="append", type=Role, help="role of --subject; may be repeated")
    parser.add_argument("--organisation", help="whose people --subject, its own system, speaks for")
    parser.add_argument("--hours", type=float, default=24.0, help="how long tokens are good (default 24)")
    asked = parser.parse_args(arguments)
    if bool(asked.subject) != bool(asked.role):
        parser.error("--subject and --role go together")
    if asked.organisation and not asked.subject:
        parser.error("--organisation goes with the --subject that speaks for it")
    issuer, now, life = DevIssuer(asked.dir), Clock().now(), timedelta(hours=asked.hours)
    if asked.subject:
        printed: dict[str, object] = {
            "tokens": {
                one: issuer.token(one, asked.role, now=now, life=life, organisation=asked.organisation)
                for one in asked.subject
            }
        }
    else:
        tokens = {role.value: issuer.token(f"dev-{role}", [role], now=now, life=life) for role in DEMO_ROLES}
        printed = {"tokens": tokens, "jwks": str(issuer.jwks.resolve()), "issuer": ISSUER, "audience": AUDIENCE}
    sys.stdout.write(json.dumps(printed) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
