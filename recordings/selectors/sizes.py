"""How large the objects are that are kept."""

from recordings.models import Recording, Rendition

SAMPLE = 10_000  # the newest tell what the next ones will be like


def rendition_sizes() -> list[int]:
    """Return the sizes, in bytes, of the newest renditions that lie in a store, in one query."""
    stored = Rendition.objects.exclude(object_key="").exclude(
        recording__state__in=Recording.GONE,
    )
    return list(stored.order_by("-pk").values_list("size_bytes", flat=True)[:SAMPLE])
