"""Identifiers of organisations: an agency that keeps a register, then the number in it ("ID-KHH-12345")."""

import re

from flask_babel import lazy_gettext as _l

from trainingapp.impact.iati.codes import code_list

BEYOND_COUNTRIES = {"XI", "XM", "XR"}  # prefixes of registers that belong to no country
ODD = _l("An identifier begins with a country or XM, XI, XR, then the agency, then the number: ID-KHH-12345.")
_SHAPE = re.compile(r"([A-Z]{2})-[A-Z0-9_]+-[^\s/&|?]+")


def is_known_shape(ref: str) -> bool:
    """Whether the agency itself exists, only IATI's register can tell."""
    found = _SHAPE.fullmatch(ref)
    return found is not None and found[1] in code_list("Country").codes | BEYOND_COUNTRIES
