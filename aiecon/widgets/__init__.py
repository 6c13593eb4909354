"""What-if panels built from the catalog's controls; nothing is computed here."""

from aiecon.widgets.panel import Panel, panel

__all__ = ["Panel", "panel"]
