"""A security key in software: signs what a browser would pass on, with or without having known its owner."""

import json
from dataclasses import dataclass, field
from hashlib import sha256
from secrets import token_bytes
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from fido2.cose import ES256
from fido2.utils import websafe_encode
from fido2.webauthn import AttestationObject, AttestedCredentialData, AuthenticatorData, CollectedClientData

HOST = "testserver"
PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40
"""Flags of WebAuthn 6.1: somebody touched it, knew its code or finger; a new key comes along."""


@dataclass
class SecurityKey:
    """One key with one credential. `verifies`: it asked for the finger or the code before it signed."""

    verifies: bool = True
    secret: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    credential_id: bytes = field(default_factory=lambda: token_bytes(16))
    user_handle: str = ""
    host: str = HOST

    def make(self, options: dict[str, Any]) -> str:
        """The answer to "make a passkey"."""
        self.user_handle = options["user"]["id"]
        public = ES256.from_cryptography_key(self.secret.public_key())
        made = AttestedCredentialData.create(b"\0" * 16, self.credential_id, public)
        attested = AttestationObject.create("none", self._said(ATTESTED, credential_data=made), {})
        said = {
            "clientDataJSON": websafe_encode(self._heard("webauthn.create", options)),
            "attestationObject": websafe_encode(attested),
        }
        return self._answer(said, {"credProps": {"rk": True}})

    def sign(self, options: dict[str, Any]) -> str:
        """The answer to "come in with a passkey"."""
        said, heard = self._said(0), self._heard("webauthn.get", options)
        signature = self.secret.sign(bytes(said) + sha256(heard).digest(), ec.ECDSA(SHA256()))
        parts = {
            "clientDataJSON": heard,
            "authenticatorData": bytes(said),
            "signature": signature,
        }
        told = {name: websafe_encode(part) for name, part in parts.items()}
        return self._answer({**told, "userHandle": self.user_handle}, {})

    def _said(self, more: int, **attested: Any) -> AuthenticatorData:
        flags = PRESENT | more | (VERIFIED if self.verifies else 0)
        return AuthenticatorData.create(sha256(self.host.encode()).digest(), flags, 0, **attested)

    def _heard(self, kind: str, options: dict[str, Any]) -> bytes:
        return bytes(CollectedClientData.create(kind, options["challenge"], f"https://{self.host}"))

    def _answer(self, response: dict[str, str], extensions: dict[str, Any]) -> str:
        uid = websafe_encode(self.credential_id)
        return json.dumps(
            {
                "id": uid,
                "rawId": uid,
                "type": "public-key",
                "response": response,
                "clientExtensionResults": extensions,
            }
        )
