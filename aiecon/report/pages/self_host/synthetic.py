"""Whether the page shows the made-up sample company."""

from aiecon.models.self_host import SelfHost


def is_synthetic(answer: SelfHost) -> bool:
    """Whether the page shows the made-up sample company, whatever of it was changed."""
    return answer.inputs.is_of_sample
