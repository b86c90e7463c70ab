"""The internet as tests play it: every connection leads to a server of theirs, which shows a certificate of its own."""

import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import httpcore
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

PUBLIC: Final = "93.184.215.14"
"""An address of the internet."""


def certified(name: str, folder: Path) -> Path:
    """A file with a key and a certificate of this name, signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = x509.CertificateBuilder(subject, subject, key.public_key(), 1, now, now + timedelta(days=1))
    alias = x509.SubjectAlternativeName([x509.DNSName(name)])
    signed = made.add_extension(alias, critical=False).sign(key, hashes.SHA256())
    plain, pem = serialization.NoEncryption(), serialization.Encoding.PEM
    path = folder / "server.pem"
    path.write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain)
        + signed.public_bytes(serialization.Encoding.PEM)
    )
    return path


def serving(certificate: Path) -> ssl.SSLContext:
    """For a server that shows it."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    return context


def trusting(certificate: Path) -> ssl.SSLContext:
    """For a client that believes it, and no other."""
    return ssl.create_default_context(cafile=str(certificate))


class Dial(httpcore.AsyncNetworkBackend):
    """Where the internet would be: notes which address is connected to, and leads to a server of ours."""

    def __init__(self, port: int) -> None:
        self.port, self.asked = port, list[str]()

    async def connect_tcp(self, host: str, port: int, *_: Any, **__: Any) -> httpcore.AsyncNetworkStream:
        """A connection to the test's server, whatever was asked for."""
        assert port == 443
        self.asked.append(host)
        plain: Any = httpcore.AnyIOBackend()
        stream: httpcore.AsyncNetworkStream = await plain.connect_tcp("127.0.0.1", self.port)
        return stream
