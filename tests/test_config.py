"""The configuration comes from the environment, and fails early with a sentence."""

from pathlib import Path

import pytest

from app.config import ConfigurationError, read_configuration

KEY = "0123456789abcdef0123456789abcdef"
WHOLE = {"LOKET_SECRET_KEY": KEY, "LOKET_PUBLIC_URL": "https://vrijetijd.gemeente.example"}


def read(tmp_path: Path, **changes: str):  # noqa: ANN201
    return read_configuration({**WHOLE, "LOKET_INSTANCE": str(tmp_path), **changes})


def test_what_is_not_set_has_a_default(tmp_path: Path) -> None:
    found = read(tmp_path)
    assert found.database_url == "sqlite:///loket.sqlite"
    assert (found.port, found.sandbox_port, found.queue) == (5000, 5001, "embedded")
    assert found.sandbox_url == "http://127.0.0.1:5001"
    assert not found.demo


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("LOKET_SECRET_KEY", "short"),
        ("LOKET_SECRET_KEY", ""),
        ("LOKET_PUBLIC_URL", ""),
        ("LOKET_PUBLIC_URL", "vrijetijd.gemeente.example"),
        ("LOKET_DATABASE_URL", "mysql://localhost/loket"),
        ("LOKET_PORT", "80000"),
        ("LOKET_PORT", "five"),
        ("LOKET_TRUSTED_PROXIES", "-1"),
        ("LOKET_QUEUE", "rabbit://localhost"),
        ("LOKET_MAIL_URL", "mail.gemeente.example"),
        ("LOKET_SANDBOX_URL", "localhost"),
        ("LOKET_DEMO", "maybe"),
    ],
)
def test_a_wrong_value_is_named_in_one_sentence(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(ConfigurationError) as error:
        read(tmp_path, **{name: value})
    assert str(error.value).startswith(name)


def test_a_database_url_of_postgresql_gets_our_driver(tmp_path: Path) -> None:
    found = read(tmp_path, LOKET_DATABASE_URL="postgresql://loket@db/loket")
    assert found.database_url == "postgresql+psycopg://loket@db/loket"


def test_the_demo_keeps_its_key_and_a_command_beside_it_finds_it(tmp_path: Path) -> None:
    demo = read_configuration({"LOKET_DEMO": "1", "LOKET_INSTANCE": str(tmp_path)})
    beside = read_configuration({"LOKET_INSTANCE": str(tmp_path)})
    assert beside.demo and beside.secret_key == demo.secret_key
    assert (tmp_path / "demo-key").stat().st_mode & 0o077 == 0


def test_no_secret_shows_when_the_configuration_is_printed(tmp_path: Path) -> None:
    found = read(tmp_path, LOKET_OLD_KEYS="older-key", LOKET_SANDBOX_CLIENT_SECRET="hush")
    assert not {KEY, "older-key", "hush"} & set(repr(found).replace("'", " ").split())
