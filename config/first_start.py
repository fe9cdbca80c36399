"""What must be so before Candor starts here: a data folder, a secret of its own, a free port."""

import os
import secrets
import socket
import sys

from config import settings
from recordings import object_server


def write_secret_key() -> None:
    """Give this data folder a random key, readable by its owner only; an existing one stays."""
    try:
        file = os.open(settings.KEY_FILE, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        return
    with os.fdopen(file, "w") as key:
        key.write(secrets.token_urlsafe(50))


def is_port_free() -> bool:
    """Tell whether a server could listen where the settings say."""
    family = socket.AF_INET6 if ":" in settings.BIND else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.BIND, settings.PORT))
        except OSError:
            return False
    return True


def main() -> str | None:
    """Prepare the first start; return what stands in its way, for people."""
    if not is_port_free():
        return (
            f"Port {settings.PORT} on {settings.BIND} is taken or not allowed. "
            f"Stop what uses it, or choose another one: make run PORT={settings.PORT + 1}"
        )
    if settings.OBJECT_SERVER_DIR is not None and object_server.program() is None:
        return object_server.HOW_TO_GET
    try:
        write_secret_key()
        if settings.OBJECT_SERVER_DIR is not None:
            object_server.prepare(settings.OBJECT_SERVER_DIR)
    except OSError as error:
        return f"Candor can't write to {settings.DATA_DIR}: {error.strerror}. Set DATA_DIR."
    return None


if __name__ == "__main__":
    sys.exit(main())
