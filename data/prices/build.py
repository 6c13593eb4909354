"""Build token_prices.csv from what the price packages recorded. Run again, it writes the same bytes.

recorded.parquet holds the price levels of 38 dated snapshots of the litellm and tokencost packages (MIT). Each level
makes a row: prefixes and renamed providers folded, levels that differ only in newly recorded fields merged,
corrections.csv applied (each with its reason), and what still looks wrong marked as suspicious in `note`.

    python data/prices/build.py [FOLDER]
"""

import sys
from pathlib import Path

import pandas as pd

from aiecon.vocabulary import rate_card

HERE = Path(__file__).resolve().parent
PROVIDERS = {
    "openai": "openai",
    "text-completion-openai": "openai",
    "anthropic": "anthropic",
    "azure": "azure",
    "gemini": "gemini",
    "vertex_ai-language-models": "vertex_ai",
    "vertex_ai-anthropic_models": "vertex_ai",
    "bedrock": "bedrock",
    "bedrock_converse": "bedrock",
    "mistral": "mistral",
    "xai": "xai",
    "deepseek": "deepseek",
    "groq": "groq",
    "cohere_chat": "cohere",
}
FIELDS = {
    "input_per_mtok": "usd_per_mtok_input",
    "output_per_mtok": "usd_per_mtok_output",
    "cached_input_per_mtok": "usd_per_mtok_cache_read",
    "cache_write_per_mtok": "usd_per_mtok_cache_write",
    "batch_input": "usd_per_mtok_batch_input",
    "input_above_128k": "usd_per_mtok_input_above_128k",
    "output_above_128k": "usd_per_mtok_output_above_128k",
    "input_above_200k": "usd_per_mtok_input_above_200k",
    "output_above_200k": "usd_per_mtok_output_above_200k",
}
HOMES = {"litellm": "https://github.com/BerriAI/litellm", "tokencost": "https://github.com/AgentOps-AI/tokencost"}
KEY = ["provider", "model"]
LEVEL = (*rate_card.PRICES[:5], "batch_discount", *rate_card.LONG_CONTEXT)
DIGITS = 6  # of a price per million tokens; the packages store prices per token, which leaves binary dust


def main(folder: Path) -> None:
    """Write token_prices.csv into a folder."""
    corrections = pd.read_csv(HERE / "corrections.csv", dtype=str, keep_default_na=False)
    rows = marked(merged(corrected(priced(recorded()), corrections)))
    rows = rows.sort_values([*KEY, "effective_from"])
    rows.to_csv(folder / "token_prices.csv", index=False, columns=list(rate_card.COLUMNS), lineterminator="\n")


def recorded() -> pd.DataFrame:
    """Levels of the main providers under one name each; free previews and levels without prices left out."""
    frame = pd.read_parquet(HERE / "recorded.parquet")
    frame = frame[frame["provider"].isin(PROVIDERS) & frame["mode"].isin(["chat", "responses", "embedding"])]
    has_prefix = frame["model"].str.startswith(tuple(f"{name}/" for name in (*PROVIDERS, "vertex_ai")))
    frame = frame.assign(
        provider=frame["provider"].map(PROVIDERS),
        model=frame["model"].where(~has_prefix, frame["model"].str.split("/", n=1).str[1]),
        prefixed=has_prefix,
    )
    plain = set(map(tuple, frame.loc[~frame["prefixed"], KEY].to_numpy()))
    doubled = frame["prefixed"] & pd.MultiIndex.from_frame(frame[KEY]).isin(plain)
    committed = frame["model"].str.contains("-commitment/")
    priced_at_all = frame["usd_per_mtok_input"] > 0
    values = {name: frame[column].round(DIGITS) for name, column in FIELDS.items()}
    return frame.assign(**values)[~doubled & ~committed & priced_at_all]


def merged(rows: pd.DataFrame) -> pd.DataFrame:
    """Levels of which the later one only records more fields become one, from the day of the first."""
    kept: list[dict[str, object]] = []
    for _, life in rows.sort_values("effective_from", kind="stable").groupby(KEY, sort=True):
        current: dict[str, object] | None = None
        for level in life.to_dict("records"):
            if current is not None and all(_agree(current[name], level[name]) for name in LEVEL):
                current |= {name: level[name] for name in LEVEL if pd.notna(level[name])}
                current["last_seen"] = max(str(current["last_seen"]), str(level["last_seen"]))
                current["note"] = current["note"] or level["note"]
            else:
                current = dict(level)
                kept.append(current)
    return pd.DataFrame(kept)


def _agree(before: object, after: object) -> bool:
    return bool(pd.isna(before) or pd.isna(after) or before == after)


def priced(levels: pd.DataFrame) -> pd.DataFrame:
    """Levels as rows of the rate card."""
    above = levels["input_above_200k"].notna()
    long_input = levels["input_above_200k"].where(above, levels["input_above_128k"])
    long_output = levels["output_above_200k"].where(above, levels["output_above_128k"])
    is_long = long_input.notna() & (long_input != levels["input_per_mtok"])
    tokens = above.map({True: 200_001, False: 128_001}).astype("Int64")
    return levels.assign(
        currency="USD",
        output_per_mtok=levels["output_per_mtok"].fillna(0.0),
        cache_write_1h_per_mtok=pd.NA,
        batch_discount=(1 - levels["batch_input"] / levels["input_per_mtok"]).round(4),
        long_context_from_tokens=tokens.where(is_long),
        long_context_input_per_mtok=long_input.where(is_long),
        long_context_output_per_mtok=long_output.fillna(levels["output_per_mtok"]).where(is_long),
        effective_from=levels["first_seen"].astype(str).str[:10],
        effective_to="",
        source=levels["source"].astype(str) + " (MIT), price list of the package",
        source_url=levels["source"].astype(str).str.split(" ").str[0].map(HOMES),
        retrieved_on=levels["first_seen"].astype(str).str[:10],
        last_seen=levels["last_seen"].astype(str).str[:10],
        grade="published",
        note="",
    )[list(rate_card.COLUMNS)]


def corrected(rows: pd.DataFrame, corrections: pd.DataFrame) -> pd.DataFrame:
    """Rows with the recorded errors of the sources mended: each correction names its row, what to do and why.

    Actions: `set` replaces the cells given, `drop` leaves the level out (the one before it holds on and has the note),
    `add` brings a level the packages missed, `confirm` keeps a surprising price and says why it is right.
    """
    rows = rows.astype(object)
    for correction in corrections.to_dict("records"):
        cells = {name: cell for name, cell in correction.items() if name in rate_card.COLUMNS and cell}
        cells |= {name: float(cells[name]) for name in LEVEL if name in cells}
        life = (rows["provider"] == correction["provider"]) & (rows["model"] == correction["model"])
        same = life & (rows["effective_from"] == correction["effective_from"])
        if correction["action"] == "add":
            rows = pd.concat([rows, pd.DataFrame([{"note": "", **cells}], dtype=object)], ignore_index=True)
            continue
        if not same.any():
            raise SystemExit(f"corrections.csv: no row for {[correction[name] for name in (*KEY, 'effective_from')]}")
        if correction["action"] == "drop":
            before = rows[life & (rows["effective_from"] < correction["effective_from"])]["effective_from"]
            cells, rows, same = {key: cell for key, cell in cells.items() if key == "note"}, rows[~same], same[~same]
            same = life & (rows["effective_from"] == before.max()) if len(before) else same
        for name, cell in cells.items():
            rows.loc[same[same].index, name] = cell
    numbers = {name: pd.to_numeric(rows[name]) for name in LEVEL}
    return rows.assign(**numbers)


def marked(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows with a note on each price that no correction explains and a rule doubts."""
    text = rows.astype(object).where(rows.notna(), "").astype(str)
    doubts = rate_card.doubts(text, name="token_prices.csv")
    words = {row: "; ".join(doubt.split("; ")[0] for doubt in found) for row, found in doubts.items()}
    notes = [f"suspicious: {words[row]}" if row in words else "" for row in range(2, 2 + len(rows))]
    given = rows["note"].fillna("").astype(str).tolist()
    return rows.assign(note=[before or after for before, after in zip(given, notes, strict=True)])


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE)
