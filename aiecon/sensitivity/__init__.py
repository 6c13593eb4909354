"""Which uncertain input matters, and how far the answer can stray: works with any question through `override`."""

from aiecon.sensitivity.break_even import BreakEven, break_even
from aiecon.sensitivity.copula import draw_inputs, normal_correlation
from aiecon.sensitivity.estimates import Estimate
from aiecon.sensitivity.fields import at_base, uncertain_fields
from aiecon.sensitivity.shapley import Shapley, shapley
from aiecon.sensitivity.simulation import Simulated, simulate
from aiecon.sensitivity.sobol import Sobol, sobol
from aiecon.sensitivity.tornado import Bar, Tornado, tornado
from aiecon.vocabulary.correlation import Correlation

__all__ = [
    "Bar",
    "BreakEven",
    "Correlation",
    "Estimate",
    "Shapley",
    "Simulated",
    "Sobol",
    "Tornado",
    "at_base",
    "break_even",
    "draw_inputs",
    "normal_correlation",
    "shapley",
    "simulate",
    "sobol",
    "tornado",
    "uncertain_fields",
]
