"""Two other forms of an address: a digest that outlives an erasure, and what a mail server reads."""

from email_validator import EmailNotValidError, validate_email

from trainingapp import tokens


def digest(address: str) -> str:
    """HMAC of the address as compared (lower case), 43 characters."""
    return tokens.issue("address", address.strip().lower())


def domain(address: str) -> str:
    return address.rpartition("@")[2].lower()


def on_the_wire(address: str) -> str | None:
    """The domain as Punycode; None when no server could be given it.

    What stands before the @ may have other letters than ASCII: only a relay with SMTPUTF8 takes that.
    """
    try:
        found = validate_email(address, check_deliverability=False, globally_deliverable=False)
    except EmailNotValidError:
        return None
    return f"{found.local_part}@{found.ascii_domain}"
