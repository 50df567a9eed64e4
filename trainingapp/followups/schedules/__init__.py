"""When an edition is asked: written, played ahead by the test clock, armed."""
