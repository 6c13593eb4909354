"""Conversion constants, each with its convention."""

HOURS_PER_MONTH = 730.0  # 8,760 hours of a 365-day year over 12
MINUTES_PER_MONTH = 43_800.0  # 730 hours
MONTHS_PER_YEAR = 12
DAYS_PER_YEAR = 365
DAYS_PER_WEEK = 7
HOURS_PER_DAY = 24
TOKENS_PER_MTOK = 1_000_000

EXACTLY = 1.0 + 1e-15
"""Of a limit: an amount no further above it than this is just at it, at any size, but for binary rounding."""
