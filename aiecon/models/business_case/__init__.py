"""Should we fund the next phase?"""

from aiecon.models.business_case.answer import BusinessCase
from aiecon.models.business_case.inputs import BusinessCaseInputs
from aiecon.models.business_case.question import business_case

__all__ = ["BusinessCase", "BusinessCaseInputs", "business_case"]
