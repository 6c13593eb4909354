"""At what load does provisioned throughput beat pay-as-you-go, and how much should we reserve?"""

from aiecon.models.provisioned.answer import Provisioned
from aiecon.models.provisioned.inputs import ProvisionedInputs
from aiecon.models.provisioned.ladder import TermLadder, term_ladder
from aiecon.models.provisioned.pool import Pool, pool
from aiecon.models.provisioned.question import provisioned
from aiecon.models.provisioned.replaying import Replay, replay
from aiecon.models.provisioned.rightsizing import Rightsizing, rightsize
from aiecon.models.provisioned.sizing import break_even_by_term, required_units

__all__ = [
    "Pool",
    "Provisioned",
    "ProvisionedInputs",
    "Replay",
    "Rightsizing",
    "TermLadder",
    "break_even_by_term",
    "pool",
    "provisioned",
    "replay",
    "required_units",
    "rightsize",
    "term_ladder",
]
