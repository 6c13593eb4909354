"""Whether the page shows the made-up sample company."""

from aiecon.models.self_host import SelfHost

_SYNTHETIC = "(synthetic)"


def is_synthetic(answer: SelfHost) -> bool:
    """Whether the page shows the made-up sample company: rows about it feed nothing else."""
    return any(_SYNTHETIC in row["source"] for row in answer.inputs.assumption_rows.values())
