"""Every WebSocket address."""

from channels.routing import URLRouter
from django.urls import path, re_path

from ops.consumers import BoardConsumer, NotFoundConsumer, RunConsumer

sockets = URLRouter(
    [
        path("ws/runs/<uuid:run_id>/", RunConsumer.as_asgi()),
        path("ws/interviews/<slug:key>/", BoardConsumer.as_asgi()),
        re_path(r"", NotFoundConsumer.as_asgi()),
    ]
)
