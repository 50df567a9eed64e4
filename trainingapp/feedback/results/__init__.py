"""What a wave, an old spreadsheet or others brought back: counted, drawn, as files."""
