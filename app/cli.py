"""``flask --app wsgi …``: what the one who hosts it can do."""

import json
import sys

import click
from flask import Flask, current_app
from flask_migrate import upgrade

from app import jobs
from app.extensions import db


def register_commands(app: Flask) -> None:
    """Hang the commands on the application."""
    for command in (
        init_db,
        create_admin,
        demo_data,
        reconcile_now,
        ledger_export,
        worker,
        sandbox,
    ):
        app.cli.add_command(command)


@click.command("init-db")
def init_db() -> None:
    """Make the database, or bring it up to date."""
    upgrade()
    click.echo("De databank is bijgewerkt.")


@click.command("create-admin")
@click.argument("email")
@click.option("--name", default="", help="Name shown in the back office.")
@click.password_option("--password", prompt="Wachtwoord", help="At least 10 characters.")
def create_admin(email: str, name: str, password: str) -> None:
    """Make an account with the role of beheerder, or give that role to an existing one."""
    from app.people.accounts import AccountProblem, make_admin

    try:
        account = make_admin(email, name, password)
    except AccountProblem as problem:
        raise click.ClickException(str(problem)) from None
    click.echo(f"{account.email} is beheerder.")


@click.command("demo-data")
def demo_data() -> None:
    """Fill an empty database with the demo municipality; safe to run twice."""
    from app.demo import fill_demo

    for line in fill_demo():
        click.echo(line)


@click.command("reconcile")
@click.option("--older-than", type=float, default=None, help="Also rows this young, in seconds.")
def reconcile_now(older_than: float | None) -> None:
    """Finish or undo what a failure left behind at UiTPAS, and say what was done."""
    from app.sales.reconciler import reconcile

    report = reconcile(min_age_seconds=older_than, by_hand=True)
    for line in report.lines():
        click.echo(line)


@click.command("ledger-export")
def ledger_export() -> None:
    """Every order line that ever wished a UiTPAS benefit, as a JSON array."""
    from app.sales.ledger_export import export_ledger

    json.dump(export_ledger(), sys.stdout, ensure_ascii=False, indent=1)
    click.echo()


@click.command("worker")
def worker() -> None:
    """Work through the queue in a process of its own."""
    db.session.remove()
    jobs.run_worker(current_app._get_current_object())


@click.command("sandbox")
@click.option("--port", type=int, default=None, help="Default: LOKET_SANDBOX_PORT.")
def sandbox(port: int | None) -> None:
    """Start the stand-in for publiq on 127.0.0.1."""
    import os

    configuration = current_app.config["LOKET"]
    arguments = [
        sys.executable,
        "-m",
        "app.sandbox",
        "--port",
        str(port or configuration.sandbox_port),
        "--database",
        str(configuration.instance_path / "sandbox.sqlite"),
    ]
    os.execv(sys.executable, arguments)  # noqa: S606 - our own module, no shell
