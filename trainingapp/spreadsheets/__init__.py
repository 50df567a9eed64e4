"""Spreadsheets going out (writing) and coming in (reading)."""

from trainingapp.spreadsheets.writing import csv_response, download, xlsx_response

__all__ = ["csv_response", "download", "xlsx_response"]
