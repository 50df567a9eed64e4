"""Who may ask for which address. One line a route; the tests compare it with what the product does.

public            anybody, also with a personal link that the page checks itself
signed_in         anybody with an account
needs("…")        whoever holds the permission on the object's programme; 404 for another programme's object
mine              only the person it belongs to; 404 for everybody else
mine_or("…")      that person, and whoever holds the permission on its programme
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Rule:
    public: bool = False
    signed_in: bool = False
    permission: str | None = None  # a name of programmes.roles.Permission
    owner: str | None = None  # the role of world.py to which the object belongs
    asks: tuple[str, str] | None = None  # a part of the query and the name of its value in world.py


public = Rule(public=True)
signed_in = Rule(signed_in=True)
mine = Rule(owner="participant")


def needs(permission: str, asks: tuple[str, str] | None = None) -> Rule:
    return Rule(permission=permission, asks=asks)


def mine_or(permission: str) -> Rule:
    return Rule(permission=permission, owner="participant")


administrator = needs("MANAGE_USERS")

TABLE: dict[str, Rule] = {
    "static": public,
    "health.alive": public,
    "health.ready": public,
    "accounts.sign_in": public,
    "accounts.signed_out": public,
    "accounts.forgot": public,
    "accounts.link_sent": public,
    "accounts.open_link": public,
    "accounts.password": public,
    "accounts.first_run": public,
    "accounts.theme": public,
    "accounts.sign_out": signed_in,
    "accounts.me": signed_in,
    "accounts.save_settings": signed_in,
    "accounts.change_password": signed_in,
    "accounts.end_my_session": Rule(owner="viewer"),
    "accounts.users": administrator,
    "accounts.invite": administrator,
    "accounts.user": administrator,
    "accounts.grant": administrator,
    "accounts.revoke": administrator,
    "accounts.administrator": administrator,
    "accounts.disable": administrator,
    "accounts.enable": administrator,
    "accounts.send_link": administrator,
    "accounts.end_sessions": administrator,
    "accounts.end_session": administrator,
    "accounts.audit_trail": administrator,
    "programmes.home": signed_in,  # leads on, to the door or to one's own first page
    "programmes.index": needs("SEE_PROGRAMME"),
    "programmes.programme": needs("SEE_PROGRAMME"),
    "programmes.add": needs("MANAGE_PROGRAMMES"),
    "programmes.edit": needs("MANAGE_PROGRAMMES"),
    "programmes.add_theme": needs("MANAGE_COHORTS"),
    "programmes.edit_theme": needs("MANAGE_COHORTS"),
    "cohorts.overview": needs("SEE_PROGRAMME"),
    "cohorts.add": needs("MANAGE_COHORTS", asks=("theme", "theme_id")),
    "cohorts.edit": needs("MANAGE_COHORTS"),
    "cohorts.move_on": needs("MANAGE_COHORTS"),
    "cohorts.enrolments": needs("SEE_PEOPLE"),
    "cohorts.download": needs("SEE_PEOPLE"),
    "cohorts.enrol": needs("ENROL"),
    "cohorts.enrol_new": needs("ENROL"),
    "cohorts.enrol_person": needs("ENROL"),
    "cohorts.edit_enrolment": needs("ENROL"),
    "cohorts.change": needs("ENROL"),
    "imports.start": needs("ENROL"),
    "imports.batch": needs("ENROL"),
    "imports.do_now": needs("ENROL"),
    "imports.columns": needs("ENROL"),
    "imports.read_again": needs("ENROL"),
    "imports.correct": needs("ENROL"),
    "imports.decide": needs("ENROL"),
    "imports.confirm": needs("ENROL"),
    "imports.undo": needs("ENROL"),
    "imports.give_up": needs("ENROL"),
    "imports.left_behind": needs("ENROL"),
    "participants.index": needs("SEE_PEOPLE"),
    "participants.search": needs("SEE_PEOPLE"),
    "participants.participant": needs("SEE_PEOPLE"),
    "participants.add": needs("ENROL"),
    "participants.edit": needs("SEE_PEOPLE"),
    "participants.add_contact": needs("SEE_PEOPLE"),
    "participants.edit_contact": needs("SEE_PEOPLE"),
    "participants.prefer_contact": needs("SEE_PEOPLE"),
    "participants.invite": needs("ENROL"),
    "visits.hosts": needs("MANAGE_VISITS"),
    "visits.host": needs("MANAGE_VISITS"),
    "visits.new_host": needs("MANAGE_VISITS"),
    "visits.edit_host": needs("MANAGE_VISITS"),
    "visits.of_cohort": needs("SEE_PEOPLE"),
    "visits.day_sheet": needs("SEE_PEOPLE"),
    "visits.new_visit": needs("MANAGE_VISITS"),
    "visits.edit_visit": needs("MANAGE_VISITS"),
    "visits.visit": needs("SEE_PEOPLE"),
    "visits.people": needs("MANAGE_VISITS"),
    "visits.save_group": needs("MANAGE_VISITS"),
    "visits.cancel": needs("MANAGE_VISITS"),
    "visits.reinstate": needs("MANAGE_VISITS"),
    "plans.mine": signed_in,
    "plans.begin": mine,
    "plans.edit": mine,
    "plans.save": mine,
    "plans.progress": mine,
    "plans.finish": mine,
    "plans.stop": mine,
    "plans.comment": mine_or("REVIEW_PLANS"),
    "plans.plan": needs("SEE_PLANS"),
    "plans.of_cohort": needs("SEE_PLANS"),
    "plans.record": needs("REVIEW_PLANS"),
    "plans.send_back": needs("REVIEW_PLANS"),
    "plans.approve": needs("REVIEW_PLANS"),
    "surveys.index": needs("SEE_FOLLOWUPS"),
    "surveys.version": needs("SEE_FOLLOWUPS"),
    "responses.link": public,
    "responses.page": public,
    "responses.answer": public,
    "responses.draft": public,
    "responses.opened": public,
    "responses.saved": public,
    "responses.not_me": public,
    "responses.say_not_me": public,
    "responses.new_link": public,
    "responses.record": needs("RUN_FOLLOWUPS"),
    "responses.record_answer": needs("RUN_FOLLOWUPS"),
    "responses.preview": needs("SEE_FOLLOWUPS"),
    "followups.index": needs("SEE_FOLLOWUPS"),
    "followups.export": needs("SEE_FOLLOWUPS"),
    "followups.of_cohort": needs("SEE_FOLLOWUPS"),
    "followups.make": needs("RUN_FOLLOWUPS"),
    "followups.arm": needs("RUN_FOLLOWUPS"),
    "followups.disarm": needs("RUN_FOLLOWUPS"),
    "followups.rules": needs("RUN_FOLLOWUPS"),
    "followups.new_wave": needs("RUN_FOLLOWUPS"),
    "followups.edit_wave": needs("RUN_FOLLOWUPS"),
    "followups.remove_wave": needs("RUN_FOLLOWUPS"),
    "followups.stop": needs("RUN_FOLLOWUPS"),
    "followups.resume": needs("RUN_FOLLOWUPS"),
    "followups.test_clock": needs("SEE_FOLLOWUPS"),
    "followups.wave": needs("SEE_FOLLOWUPS"),
    "followups.export_wave": needs("SEE_PEOPLE"),
    "followups.send_wave": needs("RUN_FOLLOWUPS"),
    "followups.let_in": needs("RUN_FOLLOWUPS"),
    "followups.invitation": needs("SEE_FOLLOWUPS"),
    "followups.ask_to_send": needs("RUN_FOLLOWUPS"),
    "followups.send": needs("RUN_FOLLOWUPS"),
    "followups.record_attempt": needs("RUN_FOLLOWUPS"),
    "followups.correct_address": needs("RUN_FOLLOWUPS"),
    "feedback.inbox": needs("READ_FEEDBACK"),
    "feedback.of_cohort": needs("READ_FEEDBACK"),
    "feedback.wave": needs("READ_FEEDBACK"),
    "feedback.answers_file": needs("READ_FEEDBACK"),
    "feedback.comments_file": needs("READ_FEEDBACK"),
    "feedback.mark": needs("READ_FEEDBACK"),
    "feedback.undo": needs("READ_FEEDBACK"),
    "feedback.comment": needs("READ_FEEDBACK"),
    "feedback.save_comment": needs("READ_FEEDBACK"),
    "feedback.tag": needs("READ_FEEDBACK"),
    "inbound.index": administrator,
    "inbound.event": administrator,
    "inbound.assign": administrator,
    "inbound.dismiss": administrator,
    "outbox.ask_unsubscribe": public,
    "outbox.unsubscribe_now": public,
}
