"""What-if panels built from the catalog's controls; nothing is computed here."""

from aiecon.widgets.panel import Panel, panel
from aiecon.widgets.what_if import what_if

__all__ = ["Panel", "panel", "what_if"]
