"""Those whom no mail reaches, as tasks for a person."""
