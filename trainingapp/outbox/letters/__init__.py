"""From a row to the bytes that go over the line: rendered, addressed, signed."""
