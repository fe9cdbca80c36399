"""Secrets that must be read again, such as those of second factors: sealed before they are stored.

The ring of keys is SECRET_KEY, then SECRET_KEY_FALLBACKS: the first one seals, any of them opens.
"""

import base64

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

PURPOSE = b"candor sealed secrets 1"  # keys of other purposes never open these


def seal(text: str) -> str:
    """Return `text` encrypted and authenticated, as text."""
    return _ring().encrypt(text.encode()).decode()


def unseal(sealed: str) -> str:
    """Return what was sealed.

    Raises: ValueError when no key of the ring opens it
    """
    try:
        return _ring().decrypt(sealed.encode()).decode()
    except InvalidToken:
        raise ValueError(
            "This secret was sealed with another SECRET_KEY: name it in SECRET_KEY_FALLBACKS."
        ) from None


def _ring() -> MultiFernet:
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return MultiFernet([Fernet(_derived(key)) for key in keys])


def _derived(key: str) -> bytes:
    derive = HKDF(algorithm=SHA256(), length=32, salt=None, info=PURPOSE)
    return base64.urlsafe_b64encode(derive.derive(key.encode()))
