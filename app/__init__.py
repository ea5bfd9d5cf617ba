"""Vrijloket: the leisure desk of a small municipality. create_app() wires, and decides nothing."""

from flask import Flask
from sqlalchemy.engine import make_url
from werkzeug.middleware.proxy_fix import ProxyFix

from app.config import Configuration, ConfigurationError, read_configuration
from app.encryption import keyring
from app.extensions import babel, csrf, db, htmx, limiter, migrate, prepare_engine
from app.logs import redact_logs

BODY_LIMIT = 1024 * 1024
"""Bytes a request may carry; pictures and statements set a higher limit of their own."""

__all__ = ["Configuration", "ConfigurationError", "create_app"]


def create_app(configuration: Configuration | None = None, *, testing: bool = False) -> Flask:
    """The application, ready to serve.

    Raises ConfigurationError when the environment asks for something that cannot work.
    """
    configuration = configuration or read_configuration()
    configuration.instance_path.mkdir(parents=True, exist_ok=True)
    app = Flask(
        __name__,
        instance_path=str(configuration.instance_path),
        static_url_path="/static",
    )
    app.config.update(_flask_settings(configuration, testing))
    if configuration.trusted_proxies:
        n = configuration.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=n, x_proto=n, x_host=n)  # type: ignore[method-assign]
    keyring.load(configuration.secret_key, configuration.old_keys)
    redact_logs(app)
    _setup_database(app)
    _setup_extensions(app)
    _setup_rooms(app)
    return app


def _flask_settings(configuration: Configuration, testing: bool) -> dict[str, object]:
    https = configuration.public_url.startswith("https:")
    return {
        "TESTING": testing,
        "LOKET": configuration,
        "SECRET_KEY": configuration.secret_key,
        "SECRET_KEY_FALLBACKS": list(configuration.old_keys),
        "SQLALCHEMY_DATABASE_URI": configuration.database_url,
        "SQLALCHEMY_ENGINE_OPTIONS": _engine_options(configuration),
        "MAX_CONTENT_LENGTH": BODY_LIMIT,
        "MAX_FORM_MEMORY_SIZE": BODY_LIMIT,
        "SEND_FILE_MAX_AGE_DEFAULT": 31536000,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": https,
        "SESSION_COOKIE_NAME": "vrijloket",
        "REMEMBER_COOKIE_HTTPONLY": True,
        "REMEMBER_COOKIE_SAMESITE": "Lax",
        "REMEMBER_COOKIE_SECURE": https,
        "WTF_CSRF_TIME_LIMIT": None,
        "BABEL_DEFAULT_LOCALE": "nl_BE",
        "BABEL_DEFAULT_TIMEZONE": "Europe/Brussels",
        "BOOTSTRAP_SERVE_LOCAL": True,
        "RATELIMIT_STORAGE_URI": configuration.ratelimit_url or "database://",
        "RATELIMIT_STRATEGY": "moving-window",
    }


def _engine_options(configuration: Configuration) -> dict[str, object]:
    return {
        "pool_size": configuration.threads + configuration.publish_at_once + 4,
        "pool_timeout": 30,
        "pool_pre_ping": make_url(configuration.database_url).get_backend_name() != "sqlite",
        "hide_parameters": True,  # an error would carry what was sent into the log
    }


def _setup_database(app: Flask) -> None:
    db.init_app(app)
    migrate.init_app(app, db)
    with app.app_context():
        prepare_engine(db.engine)


def _setup_extensions(app: Flask) -> None:
    from app.settings.rate_windows import DatabaseStorage
    from app.web.signed_in import setup_login

    assert DatabaseStorage.STORAGE_SCHEME  # importing it is what makes it known
    csrf.init_app(app)
    htmx.init_app(app)
    babel.init_app(app)
    limiter.init_app(app)
    setup_login(app)


def _setup_rooms(app: Flask) -> None:
    from app import cli, jobs, models, web

    assert models.ALL_MODELS
    jobs.setup_queue(app)
    cli.register_commands(app)
    web.register(app)
