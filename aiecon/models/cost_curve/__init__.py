"""What does it cost at 10, 1,000, 10,000 users, and what drives the curve?"""

from aiecon.models.cost_curve.answer import CostCurve
from aiecon.models.cost_curve.fitting import CostCurveFit, fit_cost_curve
from aiecon.models.cost_curve.inputs import CostCurveInputs
from aiecon.models.cost_curve.question import cost_curve

__all__ = ["CostCurve", "CostCurveFit", "CostCurveInputs", "cost_curve", "fit_cost_curve"]
