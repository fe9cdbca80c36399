"""Take secrets, addresses and personal links out of text before it is written down. Pure."""

import re

SECRET = re.compile(
    r"(?i)(authorization|bearer|cookie|token|signature|api[_-]?key|password)([\"']?[=: ]+[\"']?)"
    r"[^\s\"'&,;]+"
)
PROVIDER_KEY = re.compile(r"\b(sk|pk|AKIA|ASIA|xox[abp])[-_]?[A-Za-z0-9_*-]{12,}")
EMAIL = re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+")
LINK = re.compile(r"/(i|join|transfer)/[A-Za-z0-9_.:~-]{16,}")


def masked(text: str) -> str:
    """Return `text` without secrets, e-mail addresses and personal links."""
    text = SECRET.sub(r"\1\2[masked]", text)
    text = PROVIDER_KEY.sub(r"\1-[masked]", text)
    return LINK.sub(r"/\1/[masked]", EMAIL.sub("[e-mail]", text))
