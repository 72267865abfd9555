"""A certificate of this machine's own, so that phones in the same network may use their cameras.

Browsers give the camera to pages over HTTPS only. No authority vouches for a machine at home, so browsers ask once
whether to trust it; what is sent is encrypted all the same.
"""

from __future__ import annotations

import ipaddress
import os
import tempfile
from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

from hipdrive.errors import HipdriveError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
    from cryptography.x509 import Certificate, GeneralName

NAMES: Final = ("certificate.pem", "key.pem")
VALID: Final = timedelta(days=365)  # Apple's systems take none that is valid for more than 825 days
RENEW: Final = timedelta(days=14)  # before it ends; the app may run for some days
EARLIER: Final = timedelta(days=1)  # clocks of phones differ


def own_certificate(folder: Path, names: Collection[str], *, now: datetime | None = None) -> tuple[Path, Path]:
    """Certificate and key for these names and addresses, made anew where there is none, or none that is right.

    Parameters
    ----------
    folder : Path
        Where both are kept, for the eyes of their owner only.
    names : collection of str
        Names and addresses by which this machine is called.
    now : datetime or None
        For tests.

    Returns
    -------
    tuple of Path
        PEM files of the certificate and of its key.
    """
    now = now or datetime.now(UTC)
    certificate, key = (folder / name for name in NAMES)
    if not (certificate.is_file() and key.is_file() and _is_right(certificate, names, now)):
        private_folder(folder)
        said = _made(sorted(names), now)
        for path, content in zip((certificate, key), said, strict=True):
            write_private(path, content)
    return certificate, key


def checked_pair(certificate: Path, key: Path) -> tuple[Path, Path]:
    """Give a certificate and its key that belong together.

    Raises
    ------
    HipdriveError
        When they cannot be read, or do not.
    """
    import ssl

    for path in (certificate, key):
        if not path.is_file():
            raise HipdriveError(f"{path} is not there: name the PEM files of the certificate and of its key")
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certificate, key, password=lambda: "")
    except (ssl.SSLError, OSError, ValueError):
        raise HipdriveError(
            f"{certificate} and {key} are no certificate and its key: name PEM files that belong together, "
            "the key without a password"
        ) from None
    return certificate, key


def fingerprint(certificate: Path) -> str:
    """SHA-256 of a certificate as browsers show it: "3F:A0:..."."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes

    return x509.load_pem_x509_certificate(certificate.read_bytes()).fingerprint(hashes.SHA256()).hex(":").upper()


def private_folder(folder: Path) -> Path:
    """Make a folder into which only its owner may look."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if os.name == "posix":
        folder.chmod(0o700)
    return folder


def write_private(path: Path, content: bytes) -> None:
    """Write a file that only its owner may read; it is there whole or not at all."""
    number, name = tempfile.mkstemp(dir=path.parent)  # for its owner only, by itself
    with os.fdopen(number, "wb") as file:
        file.write(content)
    Path(name).replace(path)


def _is_right(path: Path, names: Collection[str], now: datetime) -> bool:
    """Whether a certificate is valid for all names, for some time to come."""
    from cryptography import x509

    try:
        there = x509.load_pem_x509_certificate(path.read_bytes())
        named = there.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (ValueError, x509.ExtensionNotFound):
        return False
    return there.not_valid_before_utc <= now <= there.not_valid_after_utc - RENEW and set(map(_general, names)) <= set(
        named
    )


def _made(names: list[str], now: datetime) -> tuple[bytes, bytes]:
    """PEM of a new certificate and of its key."""
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    key = ec.generate_private_key(ec.SECP256R1())
    certificate = _signed(names, now, key)
    return certificate.public_bytes(Encoding.PEM), key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _signed(names: list[str], now: datetime, key: EllipticCurvePrivateKey) -> Certificate:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "hipdrive on this machine")])
    usage = x509.KeyUsage(
        digital_signature=True, content_commitment=False, key_encipherment=False, data_encipherment=False,
        key_agreement=False, key_cert_sign=False, crl_sign=False, encipher_only=False, decipher_only=False,
    )  # fmt: skip
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - EARLIER)
        .not_valid_after(now + VALID)
        .add_extension(x509.SubjectAlternativeName([_general(one) for one in names]), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)  # it vouches for nobody else
        .add_extension(usage, critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .sign(key, hashes.SHA256())
    )


def _general(name: str) -> GeneralName:
    from cryptography import x509

    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)
