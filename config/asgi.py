"""The web process: pages and REST, sockets, media transfers, and what lives as long as it does."""

import os
import warnings
from typing import Any

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django = get_asgi_application()  # sets Django up: what follows imports models

from config.body_limit import BoundedBody  # noqa: E402
from config.lifespan import Lifespan  # noqa: E402
from ops.origins import SameOriginOnly  # noqa: E402
from ops.routing import sockets  # noqa: E402
from recordings.transfer import transfer  # noqa: E402

# WhiteNoise hands static files over as plain iterators; Django reads those small files in a thread.
warnings.filterwarnings("ignore", message="StreamingHttpResponse must consume synchronous")
TRANSFER_PREFIX = "/transfer/"

pages = BoundedBody(django)
live = SameOriginOnly(sockets)
lifespan = Lifespan()


async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Pass each connection to who speaks its protocol."""
    if scope["type"] == "lifespan":
        await lifespan(scope, receive, send)
    elif scope["type"] == "websocket":
        await live(scope, receive, send)
    elif scope["path"].startswith(TRANSFER_PREFIX):
        # Raw ASGI: grant and size are checked before the first byte, and nothing is spooled.
        await transfer(scope, receive, send)
    else:
        await pages(scope, receive, send)
