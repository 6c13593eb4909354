"""The cfo pack: the pages of its questions cut to one each, what they say together, and one register of assumptions."""

from aiecon.report.cfo.agreement import disagreements
from aiecon.report.cfo.pages import arranged, brief

__all__ = ["arranged", "brief", "disagreements"]
