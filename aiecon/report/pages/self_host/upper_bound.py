"""MLPerf beside the measured rows: what the most finely tuned systems reach on the same GPU."""

import pandas as pd

from aiecon.charts.formats import full, significant
from aiecon.ingestion.claim_tables import Tables
from aiecon.models.self_host import SelfHost
from aiecon.models.self_host.throughput import throughput
from aiecon.report import blocks
from aiecon.report.blocks import Block

_TABLE = "gpu/mlperf"
_SCENARIO = "Server"  # requests come one by one and answers are timed, as in production


def upper_bound(answer: SelfHost) -> Block:
    """Output tokens a second and GPU of the rows used, beside the best MLPerf systems with that GPU."""
    found, asked = throughput(answer.inputs), answer.inputs.serving.measured
    if found is None or asked is None:
        return blocks.nothing()
    best = best_systems(asked.gpu)
    if best.empty:
        return blocks.nothing()
    gpus = answer.inputs.serving.gpus_per_replica
    rows = [
        [
            f"{asked.model}, rows used: {full(row['input_tokens'])} in, {full(row['output_tokens'])} out",
            f"{gpus} × {asked.gpu}",
            "measured",
            full(row["output_tokens_per_second"] / gpus),
        ]
        for row in found.used.to_dict("records")
    ]
    rows += [
        [
            f"{row['model']}, MLPerf {_SCENARIO.lower()}",
            f"{row['accelerators']:g} × {row['accelerator']} ({row['submitter']})",
            f"{row['retrieved_on']}; {row['source']}",
            full(row["tokens_per_second_per_accelerator"]),
        ]
        for row in best.to_dict("records")
    ]
    most = float(found.used["output_tokens_per_second"].max()) / gpus
    times = significant(float(best["tokens_per_second_per_accelerator"].max()) / most, 2)
    note = (
        "MLPerf systems are tuned by their vendors for one model and load: an upper bound, of other models and "
        "lengths of request, and not used for any figure here. The best of them reaches "
        f"{times} times what the rows used do."
    )
    return blocks.table(
        "What the same GPU reaches when tuned for a benchmark",
        ["Model", "System", "From", "Output tokens/s a GPU"],
        rows,
        note=note,
        text_columns=3,
        widths=(2.4, 2.2, 2.4, 1.0),
    )


def best_systems(gpu: str) -> pd.DataFrame:
    """The fastest available system of each model with a GPU such as h100_sxm, by output tokens a second and GPU."""
    rows = Tables().all(_TABLE)
    name = rows["accelerator"].fillna("").str.lower().str.replace("-", "_")
    rows = rows[(rows["scenario"] == _SCENARIO) & name.str.contains(gpu.lower(), regex=False)]
    rows = rows[rows["availability"].isin(["available", "preview"])]
    fastest = rows.groupby("model")["tokens_per_second_per_accelerator"].idxmax()
    found = rows.loc[sorted(fastest)]
    return found.drop_duplicates(["accelerator", "tokens_per_second_per_accelerator"], keep="last")  # two accuracies
