"""A row is locked once a transaction, however many actions ask for it."""

from clients import counting

from trainingapp.db import db, lock
from trainingapp.followups import queries


def test_a_row_that_came_locked_is_asked_for_again_only_in_the_next_transaction(app, make):
    _, token = make.asked()
    db.session.commit()
    invitation = queries.hold_for(token)
    with counting() as asked:
        lock(invitation)
    assert asked == []
    db.session.commit()
    with counting() as asked:
        lock(invitation)
    assert len(asked) >= 1


def test_what_was_locked_inside_a_savepoint_is_locked_again(app, make):
    _, token = make.asked()
    db.session.commit()
    with db.session.begin_nested():
        invitation = queries.hold_for(token)
    with counting() as asked:
        lock(invitation)
    assert len(asked) == 1
