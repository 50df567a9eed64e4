"""URL to action to page: users, their roles and sessions, the audit trail. For administrators."""

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from trainingapp import clock, paging
from trainingapp.accounts import actions, forms, queries, words
from trainingapp.accounts.blueprint import bp
from trainingapp.accounts.models import LoginSession, User, UserState
from trainingapp.db import db
from trainingapp.labels import label
from trainingapp.numbers import whole
from trainingapp.programmes import memberships
from trainingapp.programmes.models import Membership, Programme, Role
from trainingapp.programmes.roles import Permission, needs
from trainingapp.refusals import Refusal
from trainingapp.table_views import Table, table_file

bp.add_app_template_filter(words.subject, "subject")


def _programmes() -> list[Programme]:
    return list(db.session.scalars(db.select(Programme).order_by(Programme.short_name)))


def _user(user_id: int) -> User:
    return db.session.get(User, user_id) or abort(404)


@bp.get("/users")
@needs(Permission.MANAGE_USERS)
def users() -> ResponseReturnValue:
    q, state = _wanted_users()
    page = queries.users(q, state, request.args.get("after"))
    return render_template(
        "accounts/users.html",
        page=page,
        q=q,
        state=state,
        counts=queries.count_by_state(),
        roles=memberships.of_users(user.id for user in page.rows),
    )


def _wanted_users() -> tuple[str, UserState | None]:
    wanted = request.args.get("state", "")
    return request.args.get("q", "").strip(), UserState(wanted) if wanted in set(UserState) else None


@table_file(bp, "/users", needs(Permission.MANAGE_USERS))
def users_file() -> Table:
    wanted = _wanted_users()
    headings = [_("Name"), _("Email address"), _("Roles"), _("State"), _("Since")]
    rows = (
        (
            *(user.name, user.email),
            ", ".join(f"{label(one.role)} {one.programme.short_name}" for one in roles.get(user.id, ())),
            *(label(user.state), user.created_at.date()),
        )
        for some in paging.stretches(lambda after: queries.users(*wanted, after))
        for roles in [memberships.of_users(user.id for user in some)]
        for user in some
    )
    return Table(_("Users"), headings, rows)


@bp.route("/users/invite", methods=["GET", "POST"])
@needs(Permission.MANAGE_USERS)
def invite() -> ResponseReturnValue:
    form = forms.Invite()
    if not form.validate_on_submit():
        return render_template("accounts/invite.html", form=form), form.status
    try:
        user = actions.invite(form.email.data, form.name.data, clock.now(), form.language.data)
        if form.is_administrator.data:
            actions.make_administrator(user)
    except Refusal as refusal:
        form.refuse(refusal)
        return render_template("accounts/invite.html", form=form), form.status
    db.session.commit()
    flash(_("%(name)s is invited. Now say what they do on which programme.", name=user.name))
    return redirect(url_for("accounts.user", user_id=user.id), 303)


def _user_page(user: User, form: forms.Grant | None = None, status: int = 200) -> ResponseReturnValue:
    programmes = _programmes()
    form = form or forms.Grant(formdata=None)
    form.take(programmes)
    return render_template(
        "accounts/user.html",
        user=user,
        form=form,
        disable=forms.Disable(formdata=None),
        language_names=dict(forms.STAFF_LANGUAGES),
        programmes=programmes,
        memberships=memberships.of_users([user.id]).get(user.id, []),
        sessions=queries.running_sessions(user, clock.now()),
    ), status


def _refused(user: User, refusal: Refusal) -> ResponseReturnValue:
    form = forms.Grant(formdata=None)
    form.refuse(refusal)
    return _user_page(user, form, 409)


@bp.get("/users/<int:user_id>")
@needs(Permission.MANAGE_USERS)
def user(user_id: int) -> ResponseReturnValue:
    return _user_page(_user(user_id))


@bp.post("/users/<int:user_id>/roles")
@needs(Permission.MANAGE_USERS)
def grant(user_id: int) -> ResponseReturnValue:
    user = _user(user_id)
    form = forms.Grant()
    form.take(_programmes())
    if not form.validate_on_submit():
        return _user_page(user, form, 422)
    programme = db.session.get(Programme, int(form.programme.data)) or abort(404)
    try:
        memberships.grant(user, programme, Role(form.role.data), form.country.data)
    except Refusal as refusal:
        form.refuse(refusal)
        return _user_page(user, form, 422)
    db.session.commit()
    flash(_("The role is given. It counts from their next sign-in."))
    return redirect(url_for("accounts.user", user_id=user.id), 303)


@bp.post("/users/<int:user_id>/roles/<int:membership_id>/revoke")
@needs(Permission.MANAGE_USERS)
def revoke(user_id: int, membership_id: int) -> ResponseReturnValue:
    row = db.session.get(Membership, membership_id)
    if row is None or row.user_id != user_id:
        abort(404)
    memberships.revoke(row)
    db.session.commit()
    flash(_("The role is taken away."))
    return redirect(url_for("accounts.user", user_id=user_id), 303)


@bp.post("/users/<int:user_id>/administrator")
@needs(Permission.MANAGE_USERS)
def administrator(user_id: int) -> ResponseReturnValue:
    user = _user(user_id)
    try:
        if request.form.get("administrator") == "yes":
            actions.make_administrator(user)
        else:
            actions.unmake_administrator(user)
    except Refusal as refusal:
        return _refused(user, refusal)
    db.session.commit()
    return redirect(url_for("accounts.user", user_id=user.id), 303)


@bp.post("/users/<int:user_id>/disable")
@needs(Permission.MANAGE_USERS)
def disable(user_id: int) -> ResponseReturnValue:
    user = _user(user_id)
    form = forms.Disable()
    if not form.validate_on_submit():
        return _refused(user, Refusal(_("Write a reason of at most 300 characters.")))
    try:
        actions.disable(user, clock.now(), form.why.data or "")
    except Refusal as refusal:
        return _refused(user, refusal)
    db.session.commit()
    flash(_("The account is closed. Every session has ended."))
    return redirect(url_for("accounts.user", user_id=user.id), 303)


@bp.post("/users/<int:user_id>/enable")
@needs(Permission.MANAGE_USERS)
def enable(user_id: int) -> ResponseReturnValue:
    user = _user(user_id)
    actions.enable(user)
    db.session.commit()
    flash(_("The account is open again."))
    return redirect(url_for("accounts.user", user_id=user.id), 303)


@bp.post("/users/<int:user_id>/link")
@needs(Permission.MANAGE_USERS)
def send_link(user_id: int) -> ResponseReturnValue:
    user = _user(user_id)
    actions.invite_again(user, clock.now())
    db.session.commit()
    flash(_("A new link is on its way. Older links no longer work."))
    return redirect(url_for("accounts.user", user_id=user.id), 303)


@bp.post("/users/<int:user_id>/sessions/end")
@needs(Permission.MANAGE_USERS)
def end_sessions(user_id: int) -> ResponseReturnValue:
    user = _user(user_id)
    actions.end_all_sessions(user)
    db.session.commit()
    flash(_("Every session of %(name)s has ended.", name=user.name))
    return redirect(url_for("accounts.user", user_id=user.id), 303)


@bp.post("/users/<int:user_id>/sessions/<int:session_id>/end")
@needs(Permission.MANAGE_USERS)
def end_session(user_id: int, session_id: int) -> ResponseReturnValue:
    row = db.session.get(LoginSession, session_id)
    if row is None or row.user_id != user_id:
        abort(404)
    actions.end_session(row)
    db.session.commit()
    flash(_("The session has ended. That browser must sign in again."))
    return redirect(url_for("accounts.user", user_id=user_id), 303)


def _wanted_trail(form: forms.TrailSearch) -> queries.TrailFilter:
    return queries.TrailFilter(
        subject=form.subject.data or "",
        subject_id=request.args.get("subject_id", type=whole),
        actor_id=request.args.get("actor_id", type=whole),
        actor=form.actor.data or "",
        programme_id=request.args.get("programme", type=whole),
        since=form.since.data,
        until=form.until.data,
        zone=current_user.time_zone,
    )


@table_file(bp, "/audit-trail", needs(Permission.MANAGE_USERS))
def trail_file() -> Table:
    form = forms.TrailSearch(request.args)
    programmes = _programmes()
    form.take(programmes)
    form.validate()
    wanted = _wanted_trail(form)
    names = {programme.id: programme.short_name for programme in programmes}
    headings = [
        *(_("When (UTC)"), _("Who"), _("What"), _("Number"), _("Done"), _("From"), _("To"), _("Why")),
        _("Programme"),
    ]
    rows = (
        (
            *(f"{entry.at:%Y-%m-%d %H:%M:%S}", entry.actor, words.subject(entry.subject), entry.subject_id),
            *(entry.verb, entry.before, entry.after, entry.why, names.get(entry.programme_id or 0)),
        )
        for some in paging.stretches(lambda after: queries.trail(wanted, after))
        for entry in some
    )
    return Table(_("Audit trail"), headings, rows)


@bp.get("/audit-trail")
@needs(Permission.MANAGE_USERS)
def audit_trail() -> ResponseReturnValue:
    form = forms.TrailSearch(request.args)
    programmes = _programmes()
    form.take(programmes)
    form.validate()
    wanted = _wanted_trail(form)
    page = queries.trail(wanted, request.args.get("after"))
    names = {programme.id: programme.short_name for programme in programmes}
    known = ("subject", "subject_id", "actor", "actor_id", "programme", "since", "until")
    asked = {name: request.args.get(name) or None for name in known}
    earlier = url_for("accounts.audit_trail", **asked, after=page.after)  # type: ignore[arg-type]
    return render_template(
        "accounts/audit_trail.html", form=form, wanted=wanted, page=page, names=names, earlier=earlier
    )
