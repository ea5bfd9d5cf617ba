"""How the environments are called in addresses."""

from app.settings.models import Environment

SLUGS = {
    "productie": Environment.PRODUCTION,
    "test": Environment.TEST,
    "oefenomgeving": Environment.SANDBOX,
}


def slug_of(environment: Environment) -> str:
    """The word that stands for an environment in an address."""
    return next(slug for slug, value in SLUGS.items() if value is environment)
