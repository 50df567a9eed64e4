"""Reports: figures beside the coordinator's own words, frozen on publication; as page, PDF and DOCX."""
