"""Configuration, read once from the environment; wrong values stop the start with a sentence."""

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

DEMO_KEY = "demo-key"


class ConfigurationError(Exception):
    """The environment asks for something that cannot work; the text says what to change."""


@dataclass(frozen=True)
class Configuration:
    """All that the application takes from its environment (DESIGN: Environments).

    ``demo`` is set by ``make demo`` only: it allows a generated key and the demo's sign-ins.
    """

    database_url: str = field(repr=False)
    secret_key: str = field(repr=False)
    old_keys: tuple[str, ...] = field(repr=False)
    public_url: str
    queue: str = field(repr=False)
    ratelimit_url: str | None = field(repr=False)
    mail_url: str = field(repr=False)
    trusted_proxies: int
    sandbox_url: str
    sandbox_port: int
    sandbox_client_id: str
    sandbox_client_secret: str = field(repr=False)
    port: int
    threads: int
    publish_at_once: int
    instance_path: Path
    demo: bool

    @property
    def bundled_sandbox_url(self) -> str:
        """Where the sandbox that `make demo` starts answers, whether or not it plays publiq."""
        return bundled_sandbox_url(self.sandbox_port)


def bundled_sandbox_url(port: int) -> str:
    """The address of the bundled sandbox on this port of this machine."""
    return f"http://127.0.0.1:{port}"


def read_configuration(environ: Mapping[str, str] | None = None) -> Configuration:
    """Read the ``LOKET_*`` variables.

    Raises ConfigurationError with one sentence that names the variable and what it should be.
    """
    env = os.environ if environ is None else environ
    instance_path = Path(env.get("LOKET_INSTANCE") or "instance").resolve()
    demo = _yes(env, "LOKET_DEMO") or _beside_the_demo(env, instance_path)
    port = _number(env, "LOKET_PORT", 5000, 1, 65535)
    sandbox_port = _number(env, "LOKET_SANDBOX_PORT", 5001, 1, 65535)
    sandbox_url = env.get("LOKET_SANDBOX_URL") or bundled_sandbox_url(sandbox_port)
    return Configuration(
        database_url=_database_url(env),
        secret_key=_secret_key(env, demo, instance_path),
        old_keys=tuple(k.strip() for k in env.get("LOKET_OLD_KEYS", "").split(",") if k.strip()),
        public_url=_web_address(
            env, "LOKET_PUBLIC_URL", f"http://127.0.0.1:{port}", required=not demo
        ),
        queue=_queue(env),
        ratelimit_url=env.get("LOKET_RATELIMIT_URL") or None,
        mail_url=_mail_url(env, instance_path),
        trusted_proxies=_number(env, "LOKET_TRUSTED_PROXIES", 0, 0, 10),
        sandbox_url=_checked_web_address("LOKET_SANDBOX_URL", sandbox_url),
        sandbox_port=sandbox_port,
        sandbox_client_id=env.get("LOKET_SANDBOX_CLIENT_ID") or "demo",
        sandbox_client_secret=env.get("LOKET_SANDBOX_CLIENT_SECRET") or "demo",
        port=port,
        threads=_number(env, "LOKET_THREADS", 16, 2, 256),
        publish_at_once=_number(env, "LOKET_PUBLISH_AT_ONCE", 8, 1, 32),
        instance_path=instance_path,
        demo=demo,
    )


def _yes(env: Mapping[str, str], name: str) -> bool:
    value = env.get(name, "").strip().lower()
    if value not in {"", "0", "1", "no", "yes", "false", "true"}:
        raise ConfigurationError(f"{name} is '{value}': use 1 or 0.")
    return value in {"1", "yes", "true"}


def _number(env: Mapping[str, str], name: str, default: int, low: int, high: int) -> int:
    text = env.get(name, "").strip()
    if not text:
        return default
    if not text.isdigit() or not low <= int(text) <= high:
        raise ConfigurationError(f"{name} is '{text}': use a whole number from {low} to {high}.")
    return int(text)


def _database_url(env: Mapping[str, str]) -> str:
    url = env.get("LOKET_DATABASE_URL") or "sqlite:///loket.sqlite"
    scheme = url.split(":", 1)[0]
    if scheme in {"postgres", "postgresql"}:
        return "postgresql+psycopg:" + url.split(":", 1)[1]
    if scheme not in {"sqlite", "postgresql+psycopg"}:
        raise ConfigurationError(
            f"LOKET_DATABASE_URL begins with '{scheme}:': use sqlite:/// or postgresql://."
        )
    return url


def _secret_key(env: Mapping[str, str], demo: bool, instance_path: Path) -> str:
    key = env.get("LOKET_SECRET_KEY", "")
    if key:
        if len(key) < 32:
            raise ConfigurationError(
                "LOKET_SECRET_KEY is too short: use at least 32 random characters, for instance "
                "the output of: python3 -c 'import secrets; print(secrets.token_urlsafe(48))'."
            )
        return key
    if not demo:
        raise ConfigurationError(
            "LOKET_SECRET_KEY is missing: set it to at least 32 random characters and keep it, "
            "for what it encrypts can only be read with it."
        )
    return _demo_key(instance_path)


def _beside_the_demo(env: Mapping[str, str], instance_path: Path) -> bool:
    """A command without a key of its own, where `make demo` keeps its data, belongs to the demo."""
    return not env.get("LOKET_SECRET_KEY") and (instance_path / DEMO_KEY).exists()


def _demo_key(instance_path: Path) -> str:
    """The demo's key lives beside its database, so that a second run reads what the first wrote."""
    path = instance_path / DEMO_KEY
    if path.exists():
        return path.read_text(encoding="ascii").strip()
    instance_path.mkdir(parents=True, exist_ok=True)
    key = secrets.token_urlsafe(48)
    path.touch(mode=0o600)
    path.write_text(key, encoding="ascii")
    return key


def _web_address(env: Mapping[str, str], name: str, default: str, *, required: bool) -> str:
    value = env.get(name, "").strip()
    if not value:
        if required:
            raise ConfigurationError(
                f"{name} is missing: set it to the address of the shop, for instance "
                "https://vrijetijd.gemeente.be; it stands in mails and registration links."
            )
        return default
    return _checked_web_address(name, value)


def _checked_web_address(name: str, value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ConfigurationError(f"{name} is '{value}': use an address like https://host.")
    return value.rstrip("/")


def _queue(env: Mapping[str, str]) -> str:
    value = env.get("LOKET_QUEUE", "").strip() or "embedded"
    if value != "embedded" and value.split(":", 1)[0] not in {"redis", "rediss", "postgresql"}:
        raise ConfigurationError(
            "LOKET_QUEUE is not understood: use 'embedded', or a redis:// or postgresql:// address."
        )
    return value


def _mail_url(env: Mapping[str, str], instance_path: Path) -> str:
    value = env.get("LOKET_MAIL_URL", "").strip() or f"file:{instance_path / 'mail'}"
    if value.split(":", 1)[0] not in {"smtp", "smtps", "file"}:
        raise ConfigurationError(
            "LOKET_MAIL_URL is not understood: use smtp://user:password@host:587 or file:/folder."
        )
    return value
