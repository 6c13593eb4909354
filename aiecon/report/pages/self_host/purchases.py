"""The GPUs in words: how they are paid, at which price, in which shares."""

from aiecon.charts.formats import full, percent, significant
from aiecon.models.self_host import SelfHost
from aiecon.models.self_host.gpu import Gpu, Purchase
from aiecon.vocabulary.distribution import base

_WORDS = {"on_demand": "On demand", "spot": "Spot", "reserved": "Reserved", "owned": "Owned"}
_NOTHING = 1e-9  # of a share


def purchase_words(gpu: Gpu) -> str:
    """How the GPUs are paid in a few words, those of a mix with their shares."""
    return f"Mix ({mix_words(gpu)})" if gpu.mix else _WORDS[gpu.purchase]


def mix_words(gpu: Gpu) -> str:
    """The parts of a mix with their shares, what they leave last."""
    return ", ".join(f"{percent(share, 0)} {name}" for share, name, _ in _parts(gpu))


def _parts(gpu: Gpu) -> list[tuple[float, str, Purchase]]:
    """Share, name and terms of each part that pays any GPUs."""
    found: list[tuple[float, str, Purchase]] = [(base(part.share), part.name, part) for part in gpu.mix or ()]
    rest = 1.0 - sum(share for share, _, _ in found)
    return [one for one in [*found, (rest, _WORDS[gpu.purchase].lower(), gpu)] if one[0] > _NOTHING]


def terms(answer: SelfHost) -> str:
    """Every way the GPUs are paid with its terms, those of a mix with their shares."""
    gpu = answer.inputs.gpu
    if not gpu.mix:
        return f"{_WORDS[gpu.purchase]}: {_terms(gpu)}"
    return "; ".join(f"{percent(share, 0)} {name}: {_terms(one)}" for share, name, one in _parts(gpu))


def _terms(one: Purchase) -> str:
    """The price of one way, base values."""
    if one.capex_per_gpu is not None and one.life_months is not None:
        kept = f", {percent(base(one.residual_share), 0)} left then" if base(one.residual_share) else ""
        return f"{full(base(one.capex_per_gpu))} a GPU for {significant(base(one.life_months))} months{kept}"
    assert one.price_per_gpu_hour is not None
    said = f"{significant(base(one.price_per_gpu_hour))} a GPU-hour"
    if base(one.commitment_discount):
        said += f" less {percent(base(one.commitment_discount), 0)}"
    if base(one.interruption_overhead):
        said += f" and {percent(base(one.interruption_overhead), 0)} more hours for interruptions"
    return said
