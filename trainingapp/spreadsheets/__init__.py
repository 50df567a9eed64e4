"""Spreadsheets going out (writing) and coming in (reading)."""

from trainingapp.spreadsheets.writing import csv_response, xlsx_response

__all__ = ["csv_response", "xlsx_response"]
