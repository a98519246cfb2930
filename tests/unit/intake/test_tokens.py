"""A token proves who calls, or it proves nothing: the variants an attacker would try, and a key set that goes away."""

import asyncio
import base64
import hmac
import json
import os
import time
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, RSAKey

from schemas.words import Role
from services.intake.tokens import KeysRefused, KeyStore, TokenRules, Unauthenticated, keys_of
from services.runtime import devissuer
from services.runtime.clock import Clock
from tests.unit.intake.conftest import Signer

RULES = TokenRules(issuer="https://id.example", audience="sameroof")
HOUR = 3_600


@cache
def _key(kid: str) -> RSAKey:
    """Nobody minds who else has it, and it takes long to make."""
    return RSAKey.generate_key(2048, {"kid": kid, "use": "sig"})


class Issuer:
    """An issuer of the outside world, with keys of any kind."""

    def __init__(self, path: Path, kid: str = "one") -> None:
        self.path = path
        self.rsa = _key(kid)
        self.publish([self.rsa])

    def publish(self, keys: list[RSAKey | ECKey]) -> None:
        """Writes the public key set."""
        self.path.write_text(json.dumps(KeySet(list(keys)).as_dict(private=False)))

    def claims(self, **changed: object) -> dict[str, object]:
        """Good claims, with changes; `None` leaves one out."""
        now = int(time.time())
        good = {
            "iss": RULES.issuer,
            "aud": RULES.audience,
            "sub": "u-1",
            "roles": ["agent"],
            "iat": now,
            "exp": now + HOUR,
        }
        return {name: value for name, value in (good | changed).items() if value is not None}

    def token(self, typ: str = "at+jwt", **changed: object) -> str:
        """A token signed with the RSA key."""
        return jwt.encode({"alg": "RS256", "typ": typ, "kid": self.rsa.kid}, self.claims(**changed), self.rsa)


@pytest.fixture
def issuer(tmp_path: Path) -> Issuer:
    return Issuer(tmp_path / "jwks.json")


@pytest.fixture
def keys(issuer: Issuer) -> KeyStore:
    return KeyStore(str(issuer.path), dev_issuer=False, monotonic=time.monotonic)


async def refused(keys: KeyStore, token: str) -> None:
    with pytest.raises(Unauthenticated):
        await keys.caller(token, RULES, Clock().now())


async def test_a_good_token_says_who_calls(keys: KeyStore, issuer: Issuer) -> None:
    caller = await keys.caller(issuer.token(), RULES, Clock().now())
    assert (caller.subject, caller.roles) == ("u-1", frozenset({Role.AGENT}))


@pytest.mark.parametrize(
    "changed",
    [
        {"exp": int(time.time()) - HOUR},
        {"exp": None},
        {"exp": "tomorrow"},
        {"iss": "https://other.example"},
        {"iss": None},
        {"aud": "somebody-else"},
        {"aud": None},
        {"sub": None},
        {"sub": ""},
        {"sub": "two words"},
        {"sub": "x" * 129},
        {"nbf": int(time.time()) + HOUR},
        {"roles": "agent"},
    ],
    ids=str,
)
async def test_a_token_with_wrong_claims_is_refused(keys: KeyStore, issuer: Issuer, changed: dict[str, Any]) -> None:
    await refused(keys, issuer.token(**changed))


def part(content: object) -> str:
    raw = content if isinstance(content, bytes) else json.dumps(content).encode()
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


async def test_a_token_without_signature_is_refused(keys: KeyStore, issuer: Issuer) -> None:
    await refused(keys, f"{part({'alg': 'none', 'typ': 'at+jwt'})}.{part(issuer.claims())}.")


async def test_a_token_signed_with_the_public_key_as_a_secret_is_refused(keys: KeyStore, issuer: Issuer) -> None:
    signed = f"{part({'alg': 'HS256', 'typ': 'at+jwt', 'kid': 'one'})}.{part(issuer.claims())}"
    signature = hmac.digest(issuer.rsa.as_pem(private=False), signed.encode(), "sha256")
    await refused(keys, f"{signed}.{part(signature)}")


async def test_a_token_of_another_key_with_our_key_id_is_refused(keys: KeyStore, issuer: Issuer) -> None:
    other = RSAKey.generate_key(2048, {"kid": "one"})
    await refused(keys, jwt.encode({"alg": "RS256", "kid": "one"}, issuer.claims(), other))


async def test_a_token_whose_payload_was_changed_is_refused(keys: KeyStore, issuer: Issuer) -> None:
    head, payload, signature = issuer.token().split(".")
    claims = json.loads(base64.urlsafe_b64decode(payload + "=="))
    changed = base64.urlsafe_b64encode(json.dumps({**claims, "roles": ["supervisor"]}).encode()).decode().rstrip("=")
    await refused(keys, f"{head}.{changed}.{signature}")


@pytest.mark.parametrize("garbage", ["", "x", "a.b", "a.b.c", "....", "\x00", "é.é.é"])
async def test_garbage_is_refused(keys: KeyStore, garbage: str) -> None:
    await refused(keys, garbage)


async def test_an_identity_token_is_no_access_token(keys: KeyStore, issuer: Issuer) -> None:
    await refused(keys, issuer.token("id+jwt"))


async def test_nobody_can_sign_in_as_a_service_of_ours(keys: KeyStore, issuer: Issuer) -> None:
    caller = await keys.caller(issuer.token(roles=["service", "agent", "emperor"]), RULES, Clock().now())
    assert caller.roles == {Role.AGENT}


async def test_keys_once_read_survive_the_outage_of_their_source(keys: KeyStore, issuer: Issuer) -> None:
    await keys.refresh()
    issuer.path.unlink()
    with pytest.raises(FileNotFoundError):
        await keys.refresh()
    assert (await keys.caller(issuer.token(), RULES, Clock().now())).subject == "u-1"


async def test_a_source_that_hangs_delays_nobody_whose_key_is_known(keys: KeyStore, issuer: Issuer) -> None:
    await keys.refresh()
    pipe = issuer.path.with_name("pipe")
    os.mkfifo(pipe)  # reading it blocks until somebody writes
    moments = iter([0.0, 1_000.0, 2_000.0, 3_000.0, 4_000.0])
    hanging = KeyStore(str(issuer.path), dev_issuer=False, monotonic=lambda: next(moments))
    await hanging.refresh()
    issuer.path.unlink()
    pipe.rename(issuer.path)
    caller = await asyncio.wait_for(hanging.caller(issuer.token(), RULES, Clock().now()), 5)
    assert caller.subject == "u-1"
    await asyncio.to_thread(issuer.path.write_text, "{}")  # lets the reading thread go


async def test_a_rotated_key_is_found_without_a_restart(issuer: Issuer) -> None:
    moments = iter(float(second) for second in range(0, 1_000, 10))
    keys = KeyStore(str(issuer.path), dev_issuer=False, monotonic=lambda: next(moments))
    await keys.refresh()
    issuer.rsa = RSAKey.generate_key(2048, {"kid": "two", "use": "sig"})
    issuer.publish([issuer.rsa])
    assert (await keys.caller(issuer.token(), RULES, Clock().now())).subject == "u-1"


async def test_tokens_of_unknown_keys_do_not_make_us_ask_the_issuer_every_time(issuer: Issuer, keys: KeyStore) -> None:
    await keys.refresh()
    issuer.path.write_text("no longer a key set")
    stranger = RSAKey.generate_key(2048, {"kid": "stranger"})
    for _ in range(3):
        await refused(keys, jwt.encode({"alg": "RS256", "kid": "stranger"}, issuer.claims(), stranger))
    assert keys.ready


@pytest.mark.parametrize(
    "document",
    [[], {}, {"keys": []}, {"keys": "x"}, {"keys": [{"kty": "oct", "k": "c2VjcmV0"}]}, {"keys": [{"kty": "RSA"}]}],
    ids=str,
)
def test_a_key_set_that_nobody_should_trust_is_refused(document: object) -> None:
    with pytest.raises(KeysRefused):
        keys_of(document, dev_issuer=False)


def test_a_key_set_with_private_keys_is_refused() -> None:
    with pytest.raises(KeysRefused):
        keys_of(KeySet([ECKey.generate_key("P-256")]).as_dict(private=True), dev_issuer=False)


def test_the_dev_issuers_keys_are_refused_without_the_opt_in(signer: Signer) -> None:
    published = json.loads(signer.issuer.jwks.read_text())
    with pytest.raises(KeysRefused, match="SAMEROOF_DEV_ISSUER"):
        keys_of(published, dev_issuer=False)
    assert keys_of(published, dev_issuer=True)


async def test_the_dev_issuer_signs_what_the_api_accepts(signer: Signer) -> None:
    keys = KeyStore(str(signer.issuer.jwks), dev_issuer=True, monotonic=time.monotonic)
    rules = TokenRules(devissuer.ISSUER, devissuer.AUDIENCE)
    caller = await keys.caller(signer.token(Role.RESPONDER, "responder-7"), rules, signer.clock.now())
    assert (caller.subject, caller.roles) == ("responder-7", frozenset({Role.RESPONDER}))
    assert caller.expires_at - signer.clock.now() <= timedelta(hours=1)


def test_the_dev_issuer_does_nothing_without_the_opt_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv(devissuer.OPT_IN, raising=False)
    assert devissuer.main(["--dir", str(tmp_path / "new")]) != 0
    assert not (tmp_path / "new").exists()
    assert capsys.readouterr().out == ""


def test_the_dev_issuer_prints_a_token_for_each_subject_from_one_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(devissuer.OPT_IN, "1")
    folder = str(tmp_path / "new")
    assert devissuer.main(["--dir", folder]) == 0
    first = json.loads(capsys.readouterr().out)
    assert set(first) == {"tokens", "jwks", "issuer", "audience"}
    assert set(first["tokens"]) == {"agent", "responder", "supervisor"}
    published = Path(first["jwks"]).read_text()
    assert devissuer.main(["--dir", folder, "--subject", "a", "--subject", "b", "--role", "responder"]) == 0
    assert set(json.loads(capsys.readouterr().out)["tokens"]) == {"a", "b"}
    assert Path(first["jwks"]).read_text() == published
    assert '"d"' not in published
    assert (tmp_path / "new" / "devissuer.key.json").stat().st_mode & 0o077 == 0


def test_the_dev_issuer_makes_no_organisations_token_for_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(devissuer.OPT_IN, "1")
    with pytest.raises(SystemExit):
        devissuer.main(["--dir", str(tmp_path), "--organisation", "advocates"])
    said = capsys.readouterr()
    assert (said.out, "--organisation goes with" in said.err) == ("", True)
