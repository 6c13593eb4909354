"""What does routing to cheaper models save, at equal accepted quality?"""

from aiecon.models.tiering.answer import Tiering
from aiecon.models.tiering.inputs import TieringInputs
from aiecon.models.tiering.question import tiering

__all__ = ["Tiering", "TieringInputs", "tiering"]
