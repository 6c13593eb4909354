"""The GPUs in words: how they are paid, at which price, in which shares."""

from aiecon.charts.formats import full, percent, significant
from aiecon.models.self_host.gpu import Mixable, Purchase
from aiecon.vocabulary.distribution import base

_WORDS = {"on_demand": "On demand", "spot": "Spot", "reserved": "Reserved", "owned": "Owned"}
_NOTHING = 1e-9  # of a share


def purchase_words(gpu: Mixable) -> str:
    """How GPUs are paid in a few words, those of a mix with their shares."""
    if not gpu.mix:
        return _WORDS[gpu.purchase]
    return f"Mix ({', '.join(f'{percent(share, 0)} {name}' for share, name, _ in _parts(gpu))})"


def terms(gpu: Mixable) -> str:
    """Every way GPUs are paid with its terms, those of a mix with their shares."""
    if not gpu.mix:
        return _terms(gpu)
    return ", ".join(f"{percent(share, 0)} {name} ({_terms(one)})" for share, name, one in _parts(gpu))


def _parts(gpu: Mixable) -> list[tuple[float, str, Purchase]]:
    """Share, name and terms of each part that pays any GPUs."""
    found: list[tuple[float, str, Purchase]] = [(base(part.share), part.name, part) for part in gpu.mix]
    rest = 1.0 - sum(share for share, _, _ in found)
    return [one for one in [*found, (rest, _WORDS[gpu.purchase].lower(), gpu)] if one[0] > _NOTHING]


def _terms(one: Purchase) -> str:
    """The price of one way, base values."""
    if one.capex_per_gpu is not None and one.life_months is not None:
        kept = f", {percent(base(one.residual_share), 0)} left then" if base(one.residual_share) else ""
        power = f", {base(one.price_per_kwh):g} a kWh" if base(one.price_per_kwh) else ""
        return f"{full(base(one.capex_per_gpu))} a GPU for {significant(base(one.life_months))} months{kept}{power}"
    assert one.price_per_gpu_hour is not None
    said = f"{significant(base(one.price_per_gpu_hour))} a GPU-hour"
    if base(one.commitment_discount):
        said += f" less {percent(base(one.commitment_discount), 0)}"
    if base(one.interruption_overhead):
        said += f" and {percent(base(one.interruption_overhead), 0)} more hours for interruptions"
    return said
