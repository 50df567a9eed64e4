"""Questionnaires as XLSForms, in and out: the spreadsheets that ODK, KoboToolbox and their kin understand."""
