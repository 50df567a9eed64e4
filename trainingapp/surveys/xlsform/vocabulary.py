"""The words of a type column, as pyxform takes them, and the kind of question each becomes."""

import re
from dataclasses import dataclass

_SELECT_ONE = ("add select one prompt using", "select one from", "select1", "select_one", "select one")
_SELECT_MANY = (
    "add select multiple prompt using",
    "select all that apply from",
    "select all that apply",
    "select_multiple",
)
_FROM_FILE = (
    "select_one_from_file",
    "select_multiple_from_file",
    "select one from file",
    "select multiple from file",
)
_COMMANDS = {
    **dict.fromkeys(_SELECT_ONE, "one_of"),
    **dict.fromkeys(_SELECT_MANY, "many_of"),
    **dict.fromkeys(_FROM_FILE, "from_file"),
    "select_one_external": "external",
    "rank": "ranking",
}
_LISTED = re.compile(
    rf"({'|'.join(sorted(map(re.escape, _COMMANDS), key=len, reverse=True))}) (\S+)"
    r"(?: (or specify other|or_other|or other))?"
)
_BEGIN = re.compile(r"begin[\s_](group|lgroup|repeat|loop|looped group)(?: (?:over )?(\S+))?")
_END = re.compile(r"end[\s_](group|lgroup|repeat|loop|looped group)")
_AROUND = {"group": "group", "loop": "loop"}  # every other word means a repeat

_SPELLINGS = {
    "text": "text, string, q string, add text prompt",
    "whole": "integer, int, q int, add integer prompt",
    "decimal": "decimal, q decimal, add decimal prompt",
    "percentage": "percentage",
    "days in month": "number of days in last month",
    "days in half": "number of days in last six months",
    "days in year": "number of days in last year",
    "digits": "phone number",
    "range": "range",
    "note": "note, q note, add note prompt",
    "date": "date, q date, add date prompt",
    "time": "time",
    "datetime": "datetime, dateTime, date time, q date time, q dateTime, add date time prompt, "
    "add dateTime prompt",
    "place": "geopoint, q geopoint, gps, location, q location, add location prompt",
    "shape": "geotrace, geoshape, q geotrace, q geoshape, osm",
    "file": "file, add file prompt, image, photo, q image, q picture, add image prompt, add photo prompt",
    "recording": "audio, q audio, add audio prompt, video, q video, add video prompt",
    "barcode": "barcode, q barcode, add barcode prompt",
    "consent": "acknowledge, trigger, q acknowledge, add acknowledge prompt",
    "computed": "calculate, q calculate, add calculate prompt",
    "hidden": "hidden",
    "today": "today, get today",
    "moment": "start, start time, get start time, end, end time, get end time",
    "device": "deviceid, device id, get device id, imei, subscriberid, subscriber id, get subscriber id, "
    "simserial, sim id, get sim id, phonenumber, get phone number, username, email, uri:deviceid, "
    "uri:subscriberid, uri:simserial, uri:phonenumber, uri:username, uri:email, audit, start-geopoint, "
    "background-geopoint, background-audio",
    "data": "xml-external, csv-external",
    "title": "form_title, set form title, set_form_title",
    "id": "form_id, set form id, set_form_id",
    "prefix": "prefix",
}
_BY_WORD = {word: sort for sort, words in _SPELLINGS.items() for word in words.split(", ")}


@dataclass(frozen=True)
class Type:
    """`sort` is a kind of ours or a word of the table above; "begin" and "end" of what is `around`."""

    sort: str
    list_name: str = ""
    has_other: bool = False
    around: str = ""  # group, repeat or loop


def understood(text: str) -> Type | None:
    text = " ".join(text.split())
    if listed := _LISTED.fullmatch(text):
        return Type(_COMMANDS[listed.group(1)], listed.group(2), bool(listed.group(3)))
    if begun := _BEGIN.fullmatch(text):
        return Type("begin", begun.group(2) or "", around=_AROUND.get(begun.group(1), "repeat"))
    if ended := _END.fullmatch(text):
        return Type("end", around=_AROUND.get(ended.group(1), "repeat"))
    if re.match(r"osm \S+", text):
        return Type("shape")
    return Type(_BY_WORD[text]) if text in _BY_WORD else None
