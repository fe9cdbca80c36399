"""What analysis needs from time to time."""

from datetime import datetime, timedelta

from analysis import model_batches
from ops.schedule import periodic


@periodic(every=timedelta(minutes=5))
def clear_model_batches(now: datetime) -> object:
    """Delete at the provider what was fetched, is late or wanted by nobody."""
    return model_batches.clear_ended(now)
