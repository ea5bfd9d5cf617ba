"""From a row of the outbox to a mail as the world knows it."""

from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from urllib.parse import urlsplit

from flask import current_app

from app.mail.models import MailMessage
from app.settings.municipality import get_municipality


def compose(message: MailMessage) -> EmailMessage:
    """The mail, from the municipality; its Message-ID is the same at each attempt."""
    municipality = get_municipality()
    host = urlsplit(current_app.config["LOKET"].public_url).hostname or "localhost"
    sender = municipality.email or f"vrije-tijd@{host}"
    letter = EmailMessage()
    letter["From"] = Address(
        f"{municipality.name} – {municipality.department_name}", addr_spec=sender
    )
    letter["To"] = message.recipient
    letter["Subject"] = message.subject
    letter["Date"] = format_datetime(message.created_at)
    letter["Message-ID"] = f"<vrijloket-{message.id}-{message.created_at:%Y%m%d%H%M%S}@{host}>"
    letter["Auto-Submitted"] = "auto-generated"
    letter["Content-Language"] = "nl-BE"
    letter.set_content(message.text, cte="quoted-printable")
    for part in message.attachments:
        main, _, sub = part["media_type"].partition("/")
        if main == "text":
            letter.add_attachment(part["content"], subtype=sub, filename=part["name"])
        else:
            letter.add_attachment(
                part["content"].encode(), maintype=main, subtype=sub, filename=part["name"]
            )
    return letter
