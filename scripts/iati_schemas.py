"""Writes trainingapp/impact/iati/schemas/ anew from IATI's own files:

    python scripts/iati_schemas.py FOLDER_OF_SCHEMAS FOLDER_OF_CODE_LISTS

Left out is what a judge does not read: documentation inside the schemas, names and texts of most codes, the
rules of organisation files. A code list that FOLDER_OF_CODE_LISTS does not hold stays as it is in
code_lists.json: small ones were typed off the published lists (schemas/SOURCES.md says which).
"""

import json
import re
import sys
from pathlib import Path
from typing import Any

from lxml import etree

OUT = Path(__file__).resolve().parent.parent / "trainingapp" / "impact" / "iati" / "schemas"
XSDS = ("iati-activities-schema.xsd", "iati-common.xsd", "xml.xsd")
NAMELESS = {"Country", "Currency", "UNSDG-Targets"}  # known by the product itself, or too long to show
VOCABULARY = re.compile(r"@vocabulary = '(\w+)'")


def main(schemas: Path, lists: Path) -> None:
    for name in XSDS:
        (OUT / name).write_bytes(without_documentation(schemas / name))
    rules = json.loads((schemas / "ruleset-standard.json").read_text())
    write("ruleset.json", {path: shortened(kinds) for path, kinds in rules.items() if "iati-org" not in path})
    kept = json.loads((OUT / "code_lists.json").read_text())["lists"]
    read = {path.stem: codes(path) for path in sorted(lists.glob("*.xml")) if path.stem != "mapping"}
    found = {"lists": dict(sorted((kept | read).items())), "mapping": mapping(lists / "mapping.xml")}
    write("code_lists.json", found)


def without_documentation(path: Path) -> bytes:
    tree = etree.parse(path, etree.XMLParser(remove_comments=True, remove_blank_text=True))
    for note in tree.findall(".//{*}annotation"):
        note.getparent().remove(note)
    return etree.tostring(tree, pretty_print=True, xml_declaration=True, encoding="utf-8")


def shortened(kinds: dict[str, Any]) -> dict[str, Any]:
    """Each case with its number and severity instead of IATI's words about it."""
    found: dict[str, Any] = {}
    for kind, body in kinds.items():
        found[kind] = [short_case(case) for case in body["cases"]]
    return found


def short_case(case: dict[str, Any]) -> dict[str, Any]:
    about = case.pop("ruleInfo", None)
    if "do" in case:
        return {"foreach": case["foreach"], "do": shortened(case["do"])}
    return {**case, "id": about["id"], "severity": about["severity"]}


def codes(path: Path) -> dict[str, Any]:
    root = etree.parse(path).getroot()
    items = root.findall(".//codelist-item")
    named = {text(item, "code"): text(item, "name/narrative") for item in items}
    gone = [text(item, "code") for item in items if item.get("status") == "withdrawn"]
    found: dict[str, Any] = {"complete": root.get("complete") == "1"}
    found |= {"codes": list(named)} if root.get("name") in NAMELESS else {"names": named}
    return found | ({"withdrawn": gone} if gone else {})


def mapping(path: Path) -> list[list[Any]]:
    """[path below an activity, "@name" or "text()", list, vocabularies or null]; "" stands for none given."""
    found = []
    for one in etree.parse(path).getroot():
        where, condition = text(one, "path"), one.findtext("condition")
        if "iati-organisation" in where:
            continue
        place, _slash, what = where.removeprefix("//").rpartition("/")
        vocabularies = None
        if condition:
            vocabularies = VOCABULARY.findall(condition) + ([""] if "not(@vocabulary)" in condition else [])
        found.append([place, what, one.find("codelist").get("ref"), vocabularies])
    return found


def text(element: Any, path: str) -> str:
    return " ".join((element.findtext(path) or "").split())


def write(name: str, content: dict[str, Any]) -> None:
    """One line an entry, so that a change can be read."""
    parts = []
    for key, value in content.items():
        lines = value.items() if isinstance(value, dict) else enumerate(value)
        is_dict = isinstance(value, dict)
        inner = ",\n".join(
            f"  {json.dumps(k) + ': ' if is_dict else ''}{json.dumps(v, ensure_ascii=False)}"
            for k, v in lines
        )
        parts.append(f"{json.dumps(key)}: {'{' if is_dict else '['}\n{inner}\n{'}' if is_dict else ']'}")
    (OUT / name).write_text("{\n" + ",\n".join(parts) + "\n}\n", encoding="utf-8")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
