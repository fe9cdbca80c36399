"""What was spent: each row is written by the code path that spends."""

from typing import ClassVar

from django.db import models

from ops.models.accounts import Organization


class UsageEntry(models.Model):
    """A counted quantity: storage calls, audio seconds, tokens, e-mails.

    One row per kind, provider, model and payer of a job or request. It names what it was for by
    ids alone, and those are taken off when the subject is erased: sums stay, persons don't.
    """

    # None: for no organization, such as cleaning up or a mail to somebody who founds one.
    organization = models.ForeignKey(
        Organization, on_delete=models.CASCADE, related_name="usage", null=True
    )
    subject_kind = models.CharField(max_length=30, blank=True)
    subject_id = models.UUIDField(null=True)
    # Plain ids: the ledger outlives runs and jobs.
    run_id = models.UUIDField(null=True)
    job_id = models.UUIDField(null=True)  # Job.public_id
    attempt = models.PositiveIntegerField(null=True)  # the token of the attempt
    kind = models.CharField(max_length=40)  # ops/prices.py, KINDS
    provider = models.CharField(max_length=40)
    model = models.CharField(max_length=80, blank=True)  # or the storage class
    quantity = models.FloatField()
    unit = models.CharField(max_length=10, blank=True)
    unit_cost_usd = models.DecimalField(max_digits=20, decimal_places=14, null=True)
    cost_usd = models.DecimalField(max_digits=18, decimal_places=12, null=True)  # null: no price
    saved_by = models.CharField(max_length=20, blank=True)  # ops/savings.py
    saved_quantity = models.FloatField(default=0)
    saved_usd = models.DecimalField(max_digits=18, decimal_places=12, null=True)
    alternative = models.CharField(max_length=120, blank=True)  # "provider model" that was spared
    at = models.DateTimeField(auto_now_add=True)
    # Made with the line: a commit whose answer was lost can be made again without doubling it.
    line_key = models.UUIDField(null=True, unique=True, editable=False)

    class Meta:
        verbose_name_plural = "usage entries"
        indexes: ClassVar = [
            models.Index(fields=["subject_id", "kind"]),
            models.Index(fields=["organization", "at", "cost_usd"], name="usage_spent"),
            models.Index(fields=["at"], name="usage_at"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.quantity}"


class BudgetNotice(models.Model):
    """That owners were told how far a month's budget is used: once per month and level."""

    organization = models.ForeignKey(
        Organization, on_delete=models.CASCADE, related_name="budget_notices"
    )
    month_on = models.DateField()
    level = models.CharField(max_length=10)  # warning, exceeded
    told_at = models.DateTimeField(null=True)  # null: it could not be mailed yet

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organization", "month_on", "level"], name="one_budget_notice"
            )
        ]

    def __str__(self) -> str:
        return f"{self.level} {self.month_on:%Y-%m}"
