"""Lets pyxform say whether a workbook is a valid XLSForm. Run by itself, with little memory and time.

Reads JSON on standard input: {"survey": [{heading: text}], "survey_header": [{heading: null}], …}.
Prints JSON: {"warnings": [text]}, and "problem": text when it is refused.
"""

import json
import resource
import sys
from typing import Any

MEMORY = 1024 * 1024 * 1024
SECONDS = 30


def judge(workbook: dict[str, Any]) -> dict[str, Any]:
    from pyxform.errors import PyXFormError  # noqa: PLC0415 - only the child process pays for it
    from pyxform.xls2xform import convert  # noqa: PLC0415

    warnings: list[str] = []
    try:
        convert(workbook, warnings=warnings, validate=False)
    except PyXFormError as problem:
        return {"warnings": warnings, "problem": str(problem)}
    except (MemoryError, RecursionError):
        return {"warnings": warnings, "problem": "nested"}
    except Exception as problem:  # noqa: BLE001 - what it stumbles over it does not accept
        return {"warnings": warnings, "problem": f"{type(problem).__name__}: {problem}"}
    return {"warnings": warnings}


def main() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    sys.modules["numpy"] = None  # type: ignore[assignment] # openpyxl loads it where it can: a third of the time
    sys.stdout.write(json.dumps(judge(json.load(sys.stdin))))


if __name__ == "__main__":
    main()
