"""Every route, for every role, with an object of one's own programme and of another.

A route without its line in access_table.py fails here by name; so does a part of an address that world.py
does not know.
"""

import pytest
from access_table import TABLE, Rule
from world import FORMS, ROLES

from trainingapp.programmes.models import Role
from trainingapp.programmes.roles import ALLOWED, Permission

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # each package's own tests refuse those

PASSES, DOOR, FORBIDDEN, HIDDEN, REFUSED = "passes", "the door", "403", "404", "403 or 404"
FITS = {
    PASSES: {PASSES},
    DOOR: {DOOR},
    FORBIDDEN: {FORBIDDEN},
    HIDDEN: {HIDDEN},
    REFUSED: {FORBIDDEN, HIDDEN},
}


def outcome(answer):
    """Past the guard is whatever the page then says: done, a question, a refusal of what was typed."""
    if answer.status_code in {302, 303} and "/accounts/sign-in" in answer.location:
        return DOOR
    if answer.status_code == 500:
        return "broke"
    return {403: FORBIDDEN, 404: HIDDEN}.get(answer.status_code, PASSES)


def expected(rule: Rule, role: str, is_own: bool) -> str:
    if rule.public:
        return PASSES
    if role == "anonymous":
        return DOOR
    if rule.signed_in or (role == "administrator" and rule.permission):
        return PASSES
    if role == rule.owner or (rule.permission and holds(role, rule.permission)):
        return PASSES if is_own else HIDDEN
    return REFUSED if rule.owner else FORBIDDEN


def holds(role: str, permission: str) -> bool:
    return role in set(Role) and Permission[permission] in ALLOWED[Role(role)]


def test_every_route_has_its_line_in_the_table(site):
    missing = sorted({rule.endpoint for rule, _method in site.routes()} - set(TABLE))
    lines = "\n".join(f'    "{endpoint}": …,' for endpoint in missing)
    assert not missing, f"Say in tests/security/access_table.py who may ask for:\n{lines}"


def test_the_table_names_no_permission_that_is_not_there(site):
    for rule, _method in site.routes():
        line = TABLE.get(rule.endpoint)
        assert line is None or line.permission is None or line.permission in Permission.__members__


@pytest.mark.parametrize("role", ROLES)
def test_each_role_gets_what_the_table_says(site, role):
    wrong = []
    for rule, method in site.routes():
        if rule.endpoint not in TABLE or rule.endpoint == "static":
            continue  # the test above names it
        for is_own in (True, False):
            values = site.world.own if is_own else site.world.other
            line = TABLE[rule.endpoint]
            if not is_own and not (line.asks or rule.arguments - set(FORMS)):
                continue  # the address names nothing that another programme could have
            query = {line.asks[0]: values[line.asks[1]]} if line.asks else None
            answer = site.ask(role, method, site.address(rule, values), query_string=query)
            found, wanted = outcome(answer), expected(line, role, is_own)
            whose = "own" if is_own else "other"
            if found not in FITS[wanted] and not (line.public and found == HIDDEN):
                wrong.append(
                    f"{method} {rule.endpoint} ({whose}): {wanted} wanted, {answer.status_code} given"
                )
            if method != "GET" and found == PASSES:
                site.put_back()
    assert not wrong, "\n".join([f"As {role}:", *wrong])


def test_an_id_that_nobody_has_is_no_page_for_the_administrator(site):
    wrong = []
    for rule, method in site.routes():
        line = TABLE.get(rule.endpoint)
        numbers = [name for name in rule.arguments if name.endswith("_id") and name != "page_id"]
        if line is None or line.public or not numbers:
            continue
        values = {**site.world.own, **dict.fromkeys(numbers, 987654321)}
        answer = site.ask("administrator", method, site.address(rule, values))
        if answer.status_code != 404:
            wrong.append(f"{method} {rule.endpoint}: {answer.status_code}")
    assert not wrong, "\n".join(wrong)
