"""Certificates in the name of an installation's own authority, for the recorder alone.

A program under `tradewind exec` trusts the authority in the data folder and nothing else for the
cloud's names. To read along, the recorder signs its own certificates with that authority's key,
as the owner of the data folder can.
"""

import datetime
import pathlib
import ssl
import tempfile

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


class Authority:
    """The authority of a data folder."""

    def __init__(self, data):
        certificate, key = _files(pathlib.Path(data))
        self.certificate_file = certificate
        self.certificate = x509.load_pem_x509_certificate(certificate.read_bytes())
        self.key = serialization.load_pem_private_key(key.read_bytes(), None)
        self.contexts = {}

    def client(self):
        """TLS towards the server: what it presents must be signed by the authority."""
        context = ssl.create_default_context(cafile=str(self.certificate_file))
        context.set_alpn_protocols(["http/1.1"])
        return context

    def server(self, host):
        """TLS towards the program, as `host`."""
        if host not in self.contexts:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.set_alpn_protocols(["http/1.1"])
            with tempfile.NamedTemporaryFile() as pair:
                pair.write(self._leaf(host))
                pair.flush()
                context.load_cert_chain(pair.name)
            self.contexts[host] = context
        return self.contexts[host]

    def _leaf(self, host):
        key = ec.generate_private_key(ec.SECP256R1())
        now = datetime.datetime.now(datetime.UTC)
        issuer = self.certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier)
        builder = (
            x509.CertificateBuilder()
            .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host[:64])]))
            .issuer_name(self.certificate.subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(hours=1))
            .not_valid_after(now + datetime.timedelta(days=1))
            .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(issuer.value),
                critical=False,
            )
        )
        leaf = builder.sign(self.key, hashes.SHA256())
        return leaf.public_bytes(serialization.Encoding.PEM) + key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )


def _files(data):
    """The authority's certificate and key: the one pair of PEM files below the data folder."""
    for certificate in sorted(data.glob("authority/*.pem")) + sorted(data.glob("authority/*.crt")):
        if b"BEGIN CERTIFICATE" not in certificate.read_bytes():
            continue
        for key in sorted(data.glob("authority/*")):
            if b"PRIVATE KEY" in key.read_bytes():
                return certificate, key
    raise FileNotFoundError(f"no authority below {data}")
