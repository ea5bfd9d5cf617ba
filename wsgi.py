"""The WSGI entry: ``gunicorn wsgi:app`` and ``flask --app wsgi …``."""

import sys

from app import ConfigurationError, create_app
from app.demo import refuse_demo_accounts

try:
    app = create_app()
    refuse_demo_accounts(app)
except ConfigurationError as error:
    sys.exit(f"Vrijloket cannot start: {error}")
