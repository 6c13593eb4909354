"""Money as it is written in files: the one rule of every door for what is read, and what can mean two things."""

PLAIN_NUMBER = r"^\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*$"
_GROUPED = r"(\d{1,3}(,\d{3})+\.\d+|\d{1,3}(,\d{3}){2,}|\d+(\.\d+)?)"
_IN_DOLLARS = r"\$\s?\d{1,3}(,\d{3})*(\.\d+)?"
AMOUNT = rf"^\s*[+-]?(\$?\s?{_GROUPED}|{_IN_DOLLARS})\s*$"
"""A sum of money that is no plain number: 1,234.50, $50,000.00, $1,234; thousands separators only where they cannot be
taken for a decimal comma."""
BESIDE_DIGITS = r"[$,\s]"
"""What stands in an amount beside digits, sign and point."""
