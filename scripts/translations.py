"""Brings the .po files in line with the code: `make translations`.

Indonesian holds every text; French and Dari hold what an alumna can meet behind her link, and what a report
can say. A text that is gone is dropped; a new one waits untranslated.
"""

import sys
from pathlib import Path

from babel.messages import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
PLACE = ROOT / "trainingapp" / "translations"
COMPLETE, HERS_ONLY = ("id",), ("fr", "fa_AF")
METHODS = [("trainingapp/**.py", "python"), ("templates/**.html", "jinja2"), ("templates/**.txt", "jinja2")]
KEYWORDS = {
    "_": None,
    "_l": None,
    "gettext": None,
    "lazy_gettext": None,
    "ngettext": (1, 2),
    "lazy_ngettext": (1, 2),
}
HERS = (
    "templates/responses/",
    "templates/followups/emails/",
    "templates/followups/notes/",
    "templates/cases/emails/",
    "templates/outbox/",
    "templates/problem.html",
    "trainingapp/problems.py",
    "trainingapp/responses/",
    "templates/replies/emails/",
    "trainingapp/replies/messages.py",
    "trainingapp/surveys/conditions.py",
    "trainingapp/surveys/question_types/",
    "trainingapp/followups/audience.py",
    "trainingapp/followups/due/messages.py",
    "trainingapp/followups/invitations/first_question.py",
    "trainingapp/followups/invitations/messages.py",
    "trainingapp/followups/invitations/wishes.py",
    "templates/feedback/_said.html",
    "templates/feedback/said_to_holder.html",
    "templates/plans/_report_lines.html",
    "templates/plans/confirm.html",
    "templates/plans/emails/confirmation",
    "trainingapp/files/kinds.py",
    "trainingapp/files/uploads.py",
    "trainingapp/plans/agreements/",
    "trainingapp/plans/confirmations/actions.py",
    "trainingapp/plans/confirmations/messages.py",
    "trainingapp/plans/messages.py",
    "trainingapp/plans/progress/evidence.py",
    "trainingapp/plans/progress/reading.py",
    "trainingapp/plans/progress/words.py",
    "templates/plans/agreement.html",
    "templates/plans/emails/",
    "templates/voices/page.html",
    "templates/voices/told.html",
    "templates/voices/_of_supervisor.html",
    "templates/voices/_of_host.html",
    "templates/voices/_promise.html",
    "templates/voices/emails/",
    "trainingapp/voices/actions.py",
    "trainingapp/voices/host_kind.py",
)
REPORTED = (  # what a finished report can say; states and kinds by the names that their packages give
    "trainingapp/cohorts/words.py",
    "trainingapp/feedback/results/chart_kinds.py",
    "trainingapp/feedback/results/charts.py",
    "trainingapp/feedback/results/item_charts.py",
    "trainingapp/feedback/words.py",
    "trainingapp/impact/words.py",
    "trainingapp/participants/words.py",
    "trainingapp/reports/composing.py",
    "trainingapp/reports/kinds.py",
    "trainingapp/reports/pieces.py",
    "trainingapp/reports/sections/",
    "trainingapp/reports/words.py",
)
NOT_HERS = (  # a coordinator's pages in the same folders
    *("record", "preview", "settings", "responses/forms.html", "by_code", "filled_forms", "form_views"),
    "responses/sheets.py",
)

Text = str | tuple[str, str]


def texts(*, hers_only: bool) -> set[Text]:
    """What the code hands to gettext: a text, or a singular and its plural."""
    found: set[Text] = set()
    for path, _line, message, *_rest in extract_from_dir(str(ROOT), METHODS, keywords=KEYWORDS):
        hers = path.startswith((*HERS, *REPORTED)) and not any(word in path for word in NOT_HERS)
        if hers or not hers_only:
            found.add(message[:2] if isinstance(message, tuple) else message)
    return {text for text in found if text}


def path_of(language: str) -> Path:
    return PLACE / language / "LC_MESSAGES" / "messages.po"


def known(language: str) -> Catalog:
    if not path_of(language).exists():
        return Catalog(locale=language)
    with path_of(language).open(encoding="utf-8") as file:
        return read_po(file, locale=language)


def singular(text: Text) -> str:
    return text if isinstance(text, str) else text[0]


def update(language: str, wanted: set[Text], said: dict[str, object] | None = None) -> int:
    """Writes the language's file; `said` adds translations by singular. Returns how many texts wait."""
    before, after, waiting = known(language), Catalog(locale=language, fuzzy=False), 0
    for text in sorted(wanted, key=singular):
        old = before.get(singular(text))
        new = (said or {}).get(singular(text)) or (old.string if old else None)
        if isinstance(text, tuple):
            new = tuple(new) if isinstance(new, list | tuple) else (new or "",)
            new = (new * after.num_plurals)[-after.num_plurals :]  # of two forms the plural serves as the one
        after.add(text, new or "")
        waiting += not (all(new) if isinstance(new, tuple) else new)
    path_of(language).parent.mkdir(parents=True, exist_ok=True)
    with path_of(language).open("wb") as file:
        write_po(file, after, width=0, omit_header=False, sort_output=True, no_location=True)
    _keep_header_still(path_of(language))
    return waiting


def _keep_header_still(path: Path) -> None:
    """Dates and placeholders in the header would change with every run."""
    keep = ('"Language:', '"Plural-Forms:', '"MIME-Version:', '"Content-Type:', '"Content-Transfer-Encoding:')
    head, _, body = path.read_text(encoding="utf-8").partition("\n\n")
    lines = ['msgid ""', 'msgstr ""', *(line for line in head.splitlines() if line.startswith(keep))]
    path.write_text("\n".join(lines) + "\n\n" + body, encoding="utf-8")


def compile_all() -> None:
    """What the app reads. Not by pybabel: it refuses a language whose one form says the number where the
    English singular says "one". tests/test_translations.py checks what is filled in.
    """
    for language in (*COMPLETE, *HERS_ONLY):
        with path_of(language).with_suffix(".mo").open("wb") as file:
            write_mo(file, known(language))


def main() -> None:
    if sys.argv[1:] == ["compile"]:
        compile_all()
        return
    every, hers = texts(hers_only=False), texts(hers_only=True)
    for language in (*COMPLETE, *HERS_ONLY):
        waiting = update(language, every if language in COMPLETE else hers)
        print(f"{language}: {waiting} texts wait for a translation")  # noqa: T201 - this is a command
    compile_all()


if __name__ == "__main__":
    main()
