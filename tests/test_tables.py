"""Whoever sees a table may take it as CSV and XLSX: a structure test over all templates."""

import re

import pytest

from trainingapp.config import ROOT

TEMPLATES = ROOT / "templates"
OFFERS = re.compile(r"ui\.(downloads|files)\(|impact\.public_table|\{\{ files\(")
PARTIALS = re.compile(r"{%-?\s*(?:include|import|extends)\s*['\"]([\w/.]+\.html)['\"]")
# Tables that are no table of data, or are taken elsewhere, each with its reason.
NOT_TAKEN = {
    "archives/draft.html": "the file that is being brought in: who brings it holds it",
    "cohorts/overview.html": "the first lines of the action plans' list, which is taken there",
    "datasets/release.html": "the package itself is what is taken",
    "feedback/comment.html": "what one comment answers",
    "followups/invitation.html": "what one person was sent: the ledger's files hold it",
    "impact/public_data.html": "the package itself is what is taken",
    "impact/reference.html": "what others published: their own file holds it",
    "impact/reference_new.html": "the file that is being brought in",
    "imports/columns.html": "the file that is being brought in",
    "imports/review.html": "the file that is being brought in; what stays behind is a file of its own",
    "imports/start.html": "an example of a file",
    "local/mailbox.html": "the mailbox of the try-out",
    "plans/edit.html": "one plan as it is written",
    "plans/mine.html": "her own plan",
    "plans/own_versions.html": "one plan, version by version",
    "plans/plan.html": "one plan; the edition's list is taken as a whole",
    "plans/versions.html": "one plan, version by version",
    "replies/reply.html": "what one reply says",
    "reports/history.html": "one text, version by version",
    "reports/text.html": "two versions of one text side by side",
    "responses/forms.html": "a list to tick, of people whose workbooks are then downloaded",
    "submissions/submission.html": "one text for another platform, with what changed since",
    "surveys/build.html": "one questionnaire, which is taken as an XLSForm",
    "surveys/compare.html": "two versions of a questionnaire side by side",
    "surveys/import_seen.html": "the file that is being brought in",
    "surveys/translate.html": "one questionnaire, which is taken as an XLSForm",
}


def whole(name, seen=None):
    """A template with everything that it includes, imports or extends."""
    seen = seen if seen is not None else set()
    if name in seen or not (TEMPLATES / name).exists():
        return ""
    seen.add(name)
    text = (TEMPLATES / name).read_text()
    return text + "".join(whole(part, seen) for part in PARTIALS.findall(text) if part != "_ui.html")


PAGES = sorted(
    str(path.relative_to(TEMPLATES))
    for path in TEMPLATES.glob("*/*.html")
    if not path.name.startswith("_") and "emails" not in path.parts
)


@pytest.mark.parametrize("page", PAGES)
def test_every_page_with_a_table_offers_it_as_a_file(page):
    text = whole(page)
    has_table = '<table class="table' in text
    if page in NOT_TAKEN:
        assert has_table, f"{page} has no table any more: take it off the list"
    elif has_table:
        assert OFFERS.search(text), f"{page} shows a table and offers no file of it"
