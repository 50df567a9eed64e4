"""What others reported in IATI files, beside our figures and never added to them."""
