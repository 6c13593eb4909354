"""Words that stand where something is missing: they fill a field and say nothing."""

import re

_DECIDED = (
    "defined|decided|determined|confirmed|announced|agreed|assigned|named|nominated|filled( in)?|provided|specified|"
    "given|set|found|clarified|discussed|supplied|completed|done|added|checked|measured|estimated|written|advised"
)
_WHOLE = re.compile(
    r"n a|na|x+|none|nothing|null|nil|nan|empty|blank|missing|open|pending|placeholder|dummy|as given|"
    r"(coming )?soon|later|to (do|follow|come)|nobody|no ?one|somebody|someone|"
    rf"no (source|owner|grade|value|name)|(un|not )(known|available|applicable|stated|{_DECIDED})|"
    r"(your|insert|enter|add) \w+( here)?|fill( me)? in"
)
_START = re.compile(rf"(tb[acdn]|todo|fixme|xxx+|to be ({_DECIDED}))\b.*")
_TEMPLATE = re.compile(r"\[[^\]]*\]|<[^>]*>|\{\{?[^}]*\}?\}")


def is_stand_in(value: object) -> bool:
    """Whether a text only stands where something is missing.

    It has no letter or digit outside the brackets of a template, is a word such as n/a, or begins with one such as TBD.

    Examples
    --------
    >>> is_stand_in("TBD."), is_stand_in("n. a."), is_stand_in("to be decided by the board"), is_stand_in("[owner]")
    (True, True, True, True)
    >>> is_stand_in("time study of 120 claims"), is_stand_in("[1] offer of March"), is_stand_in("To do less by hand")
    (False, False, False)
    """
    if not isinstance(value, str):
        return False
    plain = " ".join(re.findall(r"[^\W_]+", _TEMPLATE.sub(" ", value.casefold())))
    early = re.sub(r"\b(yet|still)\b ?", "", plain).strip()
    return not plain or bool(_WHOLE.fullmatch(early) or _START.fullmatch(early))
