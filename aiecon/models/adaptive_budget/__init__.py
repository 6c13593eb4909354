"""What envelope does each team get, when does it move, who must sign?"""

from aiecon.models.adaptive_budget.answer import AdaptiveBudget
from aiecon.models.adaptive_budget.controls import apply_controls
from aiecon.models.adaptive_budget.grid import policy_grid
from aiecon.models.adaptive_budget.inputs import AdaptiveBudgetInputs
from aiecon.models.adaptive_budget.policies import compare_policies
from aiecon.models.adaptive_budget.question import adaptive_budget
from aiecon.models.adaptive_budget.upgrades import UpgradeYears, upgrade_years
from aiecon.models.adaptive_budget.warning import early_warning

__all__ = [
    "AdaptiveBudget",
    "AdaptiveBudgetInputs",
    "UpgradeYears",
    "adaptive_budget",
    "apply_controls",
    "compare_policies",
    "early_warning",
    "policy_grid",
    "upgrade_years",
]
