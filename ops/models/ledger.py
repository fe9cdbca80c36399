"""What was spent: each row is written by the code path that spends."""

from typing import ClassVar

from django.db import models

from ops.models.accounts import Organization


class UsageEntry(models.Model):
    """A counted quantity: storage calls, audio seconds, tokens, e-mails."""

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="usage")
    subject_kind = models.CharField(max_length=30)
    subject_id = models.UUIDField()
    kind = models.CharField(max_length=40)  # e.g. audio_s, tokens_in, tokens_out, storage_put
    provider = models.CharField(max_length=40)
    quantity = models.FloatField()
    cost_usd = models.DecimalField(max_digits=12, decimal_places=6, null=True)  # null: no price
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name_plural = "usage entries"
        indexes: ClassVar = [models.Index(fields=["subject_id", "kind"])]

    def __str__(self) -> str:
        return f"{self.kind} {self.quantity}"
