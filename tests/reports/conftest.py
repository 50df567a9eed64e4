"""Who writes a report, and of what."""

import pytest

from trainingapp.programmes.models import Role


@pytest.fixture
def programme(make):
    return make.programme()


@pytest.fixture
def writer(make, programme):
    return make.user((programme, Role.COORDINATOR))
