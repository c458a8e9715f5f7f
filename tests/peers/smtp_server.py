"""A mail server that takes mail only after STARTTLS and a login, and prints each message as JSON.

usage: smtp_server.py USER PASSWORD

First line: {"port": ..., "root": path of the certificate to trust}. Then one line a message: from,
to, message_id, subject, references, text. The server is `localhost`; it stops when its standard
input ends.
"""

import datetime
import email
import email.policy
import ipaddress
import json
import socket
import ssl
import sys
import tempfile
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec


def write_certificate(folder):
    """A self-signed certificate for localhost, good for a day."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.timezone.utc)
    names = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .sign(key, hashes.SHA256())
    )
    (folder / "cert.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ))


class Printer:
    async def handle_DATA(self, server, session, envelope):
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        print(json.dumps({
            "from": envelope.mail_from,
            "to": envelope.rcpt_tos,
            "message_id": message["Message-ID"],
            "subject": message["Subject"],
            "references": message["References"],
            "text": message.get_body(("plain",)).get_content(),
        }), flush=True)
        return "250 taken"


def main():
    user, password = sys.argv[1:]

    def authenticate(server, session, envelope, mechanism, login):
        right = (login.login, login.password) == (user.encode(), password.encode())
        return AuthResult(success=right, handled=False)

    with tempfile.TemporaryDirectory() as folder:
        write_certificate(Path(folder))
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(f"{folder}/cert.pem", f"{folder}/key.pem")
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        controller = Controller(
            Printer(), hostname="127.0.0.1", port=port, tls_context=tls, require_starttls=True,
            auth_required=True, authenticator=authenticate,
        )
        controller.start()
        print(json.dumps({"port": port, "root": f"{folder}/cert.pem"}), flush=True)
        sys.stdin.read()
        controller.stop()


if __name__ == "__main__":
    main()
