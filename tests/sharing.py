"""Who runs which tests when several processes share them.

Tests of one group go to one process, one after the other, because they share what is dear to start: a running
product, a browser, a demo. Groups begin first, so that none is left over when everything else is done.
By path, not by xdist's own marks: those need test ids that pytest 9.2 no longer lets anybody change.
"""

from typing import Any

from xdist.scheduler import LoadScopeScheduling

GROUPS = {
    "tests/chaos/": "chaos",
    "tests/journeys/": "the product",
    "tests/responses/test_answering_in_chromium.py": "a browser",
    "tests/responses/test_offline_in_chromium.py": "a browser",
    "tests/responses/test_over_https_in_chromium.py": "a browser",
    "tests/surveys/test_builder_in_chromium.py": "a browser",
    "tests/security/test_every_form_survives.py": "every form",
    "tests/test_commands.py": "the command",
    "tests/test_demo.py": "the demo",
    "tests/test_migrations.py": "the demo",
}


class Sharing(LoadScopeScheduling):
    """Any process takes any test next, but for the groups."""

    def __init__(self, config: Any, log: Any = None) -> None:
        super().__init__(config, log)
        config.option.loadscopereorder = True  # the largest first

    def _split_scope(self, nodeid: str) -> str:
        found = (name for path, name in GROUPS.items() if nodeid.startswith(path))
        return next(found, nodeid)
