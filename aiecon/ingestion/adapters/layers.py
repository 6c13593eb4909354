"""Which of the four cost layers a charge is of, where service, meter and unit tell.

The three categories in which vendors bill map onto them: tokens of an API are `model`, GPU infrastructure is
`infrastructure`, seats are `saas`; what runs between (vector search, evaluation, tuning, orchestration) is `platform`.
Charges of other services are left without a layer: a layer marks a charge as one of AI.
"""

from aiecon.vocabulary.spend import AI_CATEGORY, TOKEN_COLUMNS

_SEATS = r"\b(seats?|licen[cs]es?|per user|users?)\b|copilot"
_ASSISTANTS = r"copilot|gemini|einstein|chatgpt|claude|cursor|agentforce|joule"
_PLATFORM = (
    r"vector|knowledge base|retriev|rerank|guardrail|evaluat|fine.?tun|training|orchestrat|observab|gateway|"
    r"agent|search unit|pipeline"
)
_GPUS = r"\bgpus?\b|\btpus?\b|[ha]100|h200|b200|\bl40s?\b|\bml\.[a-z]|inferentia|trainium"
_APPLICATIONS = ("Business Applications", "Developer Tools", "Other")


def layer_sql() -> str:
    """The layer of a staged row as SQL: the one it says, else the one that its service, meter and unit tell."""
    hint = "lower(concat_ws(' ', ServiceName, SkuMeter, ChargeDescription, ConsumedUnit, PricingUnit))"
    is_ai = f"coalesce(ServiceCategory = '{AI_CATEGORY}', false)"
    has_tokens = " OR ".join(f'"__{column}" > 0' for column in TOKEN_COLUMNS)
    is_by_token = f"(x_ModelId IS NOT NULL OR __consumed IS NOT NULL OR __priced IS NOT NULL OR {has_tokens})"
    applications = ", ".join(f"'{name}'" for name in _APPLICATIONS)

    def says(pattern: str) -> str:
        return f"regexp_matches({hint}, '{pattern}')"

    rules = (
        ("x_Layer IS NOT NULL", "x_Layer"),
        ("coalesce(ChargeCategory, 'Usage') NOT IN ('Usage', 'Purchase')", "NULL"),
        (f"{is_ai} AND {is_by_token}", "'model'"),
        (f"({is_ai} AND {says(_SEATS)}) OR (ServiceCategory IN ({applications}) AND {says(_ASSISTANTS)})", "'saas'"),
        (f"({is_ai} OR ServiceCategory = 'Compute') AND {says(_GPUS)}", "'infrastructure'"),
        (f"({is_ai} AND {says(_PLATFORM)}) OR (ServiceCategory = 'Databases' AND {says('vector')})", "'platform'"),
        (is_ai, "'model'"),
    )
    return f"CASE {' '.join(f'WHEN {test} THEN {layer}' for test, layer in rules)} END"
