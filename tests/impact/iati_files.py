"""IATI files that the tests begin with: one that is good, and ways to break it."""

HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<iati-activities version="2.03" xmlns:own="http://example.org/own">
"""
ACTIVITY = """<iati-activity xml:lang="en" default-currency="USD"
last-updated-datetime="2024-01-01T09:00:00Z">
<iati-identifier>XM-EX-1-A1</iati-identifier>
<reporting-org ref="XM-EX-1" type="10"><narrative>Office for Weavers</narrative></reporting-org>
<title><narrative>Cost records</narrative><narrative xml:lang="fr">Comptes</narrative></title>
<description type="1"><narrative>Weavers learn to keep them.</narrative></description>
<participating-org role="1" ref="XM-EX-2" type="10"><narrative>A fund</narrative></participating-org>
<activity-status code="2"/>
<activity-date type="1" iso-date="2020-01-01+02:00"/>
<activity-date type="3" iso-date="2020-12-01Z"/>
<recipient-country code="NP" percentage="33.33"/>
<recipient-country code="BT" percentage="66.67"/>
<location><point srsName="http://www.opengis.net/def/crs/EPSG/0/4326"><pos>27.7 85.3</pos></point></location>
<sector vocabulary="1" code="32130" percentage="60"/>
<sector code="43081" percentage="40"/>
<tag vocabulary="3" code="9.3"/>
<collaboration-type code="8"/>
<default-aid-type code="D02"/>
<result type="1"><title><narrative>Trained</narrative></title>
<indicator measure="1" ascending="0"><title><narrative>People</narrative></title>
<baseline year="2019" iso-date="2019-01-01" value="-5"><dimension name="sex" value="female"/></baseline>
<period><period-start iso-date="2020-01-01"/><period-end iso-date="2020-06-30"/><target value="10"/>
<actual value="12.5"><dimension name="sex" value="female"/></actual></period>
<period><period-start iso-date="2020-07-01"/><period-end iso-date="2020-12-31"/><target value="20"/></period>
</indicator>
<indicator measure="5"><title><narrative>What they say</narrative></title><period>
<period-start iso-date="2020-07-01"/><period-end iso-date="2020-12-31"/>
<actual><comment><narrative>Good</narrative></comment></actual></period></indicator>
</result>
<own:extra><own:part note="1"/></own:extra>
</iati-activity>
"""
TAIL = "</iati-activities>\n"
GOOD = HEAD + ACTIVITY + TAIL


def many(count: int, *, broken: int | None = None) -> str:
    """Activities with numbers of their own; one of them lacks its title."""
    found = [ACTIVITY.replace("-A1<", f"-A{number}<") for number in range(1, count + 1)]
    if broken is not None:
        found[broken - 1] = found[broken - 1].replace("title>", "titel>")
    return HEAD + "".join(found) + TAIL


def changed(old: str, new: str) -> str:
    assert old in GOOD
    return GOOD.replace(old, new, 1)
