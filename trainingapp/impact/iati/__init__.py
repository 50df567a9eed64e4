"""IATI 2.03 activity files, in and out.

`trainingapp impact import-iati FILE --dry-run --json` ends with 0 (accepted) or 2 (refused), and prints

    {"accepted": false, "activities": 2, "left_out": 0,
     "problems": [{"line": 41, "path": "/iati-activities/iati-activity[2]/sector[1]", "reason": "…",
                   "detail": "rule 2.1.2", "activity": "XM-EXAMPLE-1"}],
     "warnings": [… of the same shape …]}

A file is judged in three layers: the schema (with what the parser said in `detail`), the code lists, the
standard ruleset (with the number of the rule). What the standard itself calls a warning warns; so does a code
that is missing from a list that the standard does not call complete, and one that was withdrawn. All else is
a problem, and a file with one problem is refused whole: no half of it comes in. `left_out` counts what came
after the first thousand problems or warnings. `line` is null where the whole file is meant. Files of versions
2.01 and 2.02 are judged by 2.03, which allows all that they do, and told so in a warning.
"""
