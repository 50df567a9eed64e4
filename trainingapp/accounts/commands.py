"""`trainingapp users`, `trainingapp audit`, `trainingapp first-run`."""

import click
from flask.cli import AppGroup, with_appcontext

from trainingapp import clock, countries
from trainingapp.accounts import actions, audit, links, queries
from trainingapp.accounts.models import LinkPurpose, User
from trainingapp.db import db
from trainingapp.programmes import memberships
from trainingapp.programmes.models import Membership, Programme, Role
from trainingapp.refusals import Refusal

users = AppGroup("users", help="Who signs in, and what they may do.")
ROLES = [*(role.value for role in Role), "administrator"]
trail = AppGroup("audit", help="The audit trail.")


def _user(email: str) -> User:
    found = queries.user_by_email(email)
    if found is None:
        raise click.ClickException(f"Nobody has an account with {email}.")
    return found


def _programme(slug: str) -> Programme:
    found = db.session.scalar(db.select(Programme).where(Programme.slug == slug))
    if found is None:
        slugs = ", ".join(db.session.scalars(db.select(Programme.slug).order_by(Programme.slug)))
        raise click.ClickException(f"There is no programme {slug!r}. There are: {slugs or 'none yet'}.")
    return found


def _country(name: str) -> str:
    code = countries.find(name) if name else ""
    if code is None:
        raise click.ClickException(f"We do not know a country called {name!r}.")
    return code


@users.command("list")
@click.option("--search", default="", help="Part of a name or an email address.")
def list_users(search: str) -> None:
    """Every user with state and roles, by name."""
    after = None
    while True:
        page = queries.users(search, after=after)
        roles = memberships.of_users(user.id for user in page.rows)
        for user in page.rows:
            held = [
                f"{row.role.value}@{row.programme.slug} {row.country}".strip()
                for row in roles.get(user.id, [])
            ]
            what = ", ".join((["administrator"] if user.is_administrator else []) + held) or "-"
            click.echo(f"{user.email}\t{user.name}\t{user.state.value}\t{what}")
        if page.after is None:
            return
        after = page.after


@users.command()
@click.argument("email")
@click.argument("name")
@click.option("--language", type=click.Choice(["en", "id"]), default="en")
@click.option("--administrator", is_flag=True, help="May see and change everything.")
@click.option("--print-link", is_flag=True, help="Print the link too, for a server that sends no mail yet.")
def invite(email: str, name: str, language: str, administrator: bool, print_link: bool) -> None:
    """Create an account and mail a link that sets its password."""
    now = clock.now()
    try:
        user = actions.invite(email, name, now, language)
        if administrator:
            actions.make_administrator(user)
        address = links.address(links.send(user, LinkPurpose.INVITATION, now)) if print_link else None
    except Refusal as refusal:
        raise click.ClickException(str(refusal)) from refusal
    db.session.commit()
    click.echo(address or f"{user.email} is invited.")


@users.command()
@click.argument("email")
@click.argument("role", type=click.Choice(ROLES))
@click.option("--programme", help="Its short name in addresses; not for an administrator.")
@click.option("--country", default="", help="By its name or code; for a focal point.")
def grant(email: str, role: str, programme: str | None, country: str) -> None:
    """Give a role on a programme."""
    user = _user(email)
    try:
        if role == "administrator":
            actions.make_administrator(user)
        else:
            memberships.grant(user, _programme(programme or ""), Role(role), _country(country))
    except Refusal as refusal:
        raise click.ClickException(str(refusal)) from refusal
    db.session.commit()
    click.echo(f"{user.email} is {role} now.")


@users.command()
@click.argument("email")
@click.argument("role", type=click.Choice(ROLES))
@click.option("--programme", help="Its short name in addresses; not for an administrator.")
def revoke(email: str, role: str, programme: str | None) -> None:
    """Take a role away."""
    user = _user(email)
    try:
        if role == "administrator":
            actions.unmake_administrator(user)
        else:
            _revoke(user, Role(role), _programme(programme or ""))
    except Refusal as refusal:
        raise click.ClickException(str(refusal)) from refusal
    db.session.commit()
    click.echo(f"{user.email} is no longer {role}.")


def _revoke(user: User, role: Role, programme: Programme) -> None:
    held = memberships.of_users([user.id]).get(user.id, [])
    rows: list[Membership] = [row for row in held if row.role == role and row.programme_id == programme.id]
    if not rows:
        raise click.ClickException(f"{user.email} is not {role.value} of {programme.slug}.")
    for row in rows:
        memberships.revoke(row)


@users.command()
@click.argument("email")
@click.option("--why", default="", help="For the audit trail.")
def disable(email: str, why: str) -> None:
    """Close an account; every session ends at once."""
    user = _user(email)
    try:
        actions.disable(user, clock.now(), why)
    except Refusal as refusal:
        raise click.ClickException(str(refusal)) from refusal
    db.session.commit()
    click.echo(f"{user.email} is disabled.")


@trail.command()
def verify() -> None:
    """Read the whole trail again and compare it with its seals."""
    found = audit.verify()
    if found.broken:
        raise click.ClickException(
            f"The trail does not fit seal {found.broken.id}, which ends at entry "
            f"{found.broken.last_entry_id}. The {found.entries} entries before it are as they were."
        )
    click.echo(f"{found.entries} entries under {found.seals} seals are as they were written.")
    click.echo(f"Last digest: {found.head or '-'}")


@trail.command()
def seal() -> None:
    """Seal what has settled since the last seal."""
    made = audit.seal(clock.now())
    db.session.commit()
    click.echo(f"Sealed {made.entries} entries." if made else "Nothing new to seal.")


@click.command("first-run")
@with_appcontext
def first_run() -> None:
    """Print the code that makes the first administrator. It works once, for 24 hours."""
    try:
        code = actions.begin_first_run(clock.now())
    except Refusal as refusal:
        raise click.ClickException(str(refusal)) from refusal
    db.session.commit()
    click.echo(code)


ALL = (users, trail, first_run)
