"""Stands in until the accounts branch is merged; drop it then."""

from datetime import datetime

import sqlalchemy as sa

from trainingapp.accounts.models import User
from trainingapp.db import db


def invite(email: str, name: str, now: datetime, language: str) -> User:
    found = db.session.scalar(sa.select(User).where(User.email == email))
    if found:
        return found
    user = User(email=email, name=name, language=language, created_at=now)
    db.session.add(user)
    db.session.flush()
    return user
