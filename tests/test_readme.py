"""The README against what there is."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text()


def test_every_picture_is_shown_in_the_readers_light():
    shown = re.findall(
        r'<picture><source media="\(prefers-color-scheme: dark\)" srcset="(\S+)-dark\.png">'
        r'<img src="(\S+)-light\.png" alt="[^"]+"></picture>',
        README,
    )
    assert all(dark == light for dark, light in shown)
    there = {str(path.relative_to(ROOT)) for path in (ROOT / "docs" / "pictures").iterdir()}
    assert {f"{name}-{light}.png" for name, _ in shown for light in ("light", "dark")} == there
