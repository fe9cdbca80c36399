"""How staff see rows: readable and found by any id, hardly ever writable, never with a secret."""

import re
from collections.abc import Callable, Iterable
from functools import cached_property
from operator import attrgetter
from typing import TYPE_CHECKING, Any, ClassVar
from uuid import UUID

from django.apps import apps
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.contrib.admin.views.main import ERROR_FLAG
from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.core.paginator import Paginator
from django.db import DataError, models
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from ops import audit
from ops.admin_links import linked, narrowings, neighbours
from ops.authentication import principal_of

if TYPE_CHECKING:
    Base = admin.ModelAdmin[Any]
    FilterBase = admin.SimpleListFilter
else:
    Base = admin.ModelAdmin
    FilterBase = admin.SimpleListFilter

SECRET = re.compile(r"password|secret|token|_hash$")
# Names that look secret and are not: a prefix for support, counts, marks of contents.
HARMLESS = frozenset(
    {
        "token_prefix",
        "tokens_in",
        "tokens_out",
        "content_hash",
        "rubric_hash",
        "input_hash",
        "prompt_hash",
        "notice_hash",
    }
)
LISTED_AT_MOST = 1000
FALLBACK_COLUMNS = 6


class BoundedPaginator(Paginator):  # type: ignore[type-arg] # not generic at run time
    """Pages through the first rows that match: a big table is never counted."""

    @cached_property
    def count(self) -> int:
        """How many rows there are, up to LISTED_AT_MOST."""
        rows: Any = self.object_list
        return len(rows.values_list("pk")[:LISTED_AT_MOST])

    @property
    def is_cut(self) -> bool:
        return self.count >= LISTED_AT_MOST


def is_secret(name: str) -> bool:
    """Whether a field of that name is for the machine's eyes only."""
    return name not in HARMLESS and bool(SECRET.search(name))


class StaffAdmin(Base):
    """Rows that the product's services own: staff read them.

    `shown`: fields that look secret and are harmless here. `hidden`: fields too long to be read.
    `editable`: what a superuser may change. `opening_is_audited`: the row holds what a person said
    or is called; `organization_path` leads from the row to its organization.
    """

    shown: frozenset[str] = frozenset()
    hidden: frozenset[str] = frozenset()
    editable: frozenset[str] = frozenset()
    opening_is_audited = False
    organization_path = ""

    paginator = BoundedPaginator
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER  # they count the table, once for every choice
    # `date_hierarchy` reads the extremes of a column: not of jobs, attempts, events, audit entries,
    # whose filters by date do without.
    list_per_page = 50
    ordering: ClassVar[Any] = ("-pk",)
    search_fields: ClassVar[Any] = ("pk",)

    # --- who may do what ------------------------------------------------------------------
    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.admin_site.has_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002 - Django's signature
        return self.admin_site.has_permission(request)

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002 - as above
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002 - as above
        user = request.user
        is_super = bool(user.is_active and getattr(user, "is_superuser", False))
        return bool(self.editable) and is_super and self.admin_site.has_permission(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002 - as above
        return False

    # --- what is shown --------------------------------------------------------------------
    def readable_fields(self) -> list[str]:
        """Return the model's own fields that people may read."""
        return [
            field.name
            for field in self.opts.concrete_fields
            if field.name not in self.hidden
            and (field.name in self.shown or not is_secret(field.name))
            and not isinstance(field, models.BinaryField)
        ]

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:  # noqa: ARG002 - as above
        return self.readable_fields()

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:  # noqa: ARG002 - as above
        return [name for name in self.readable_fields() if name not in self.editable]

    def get_list_display(self, request: HttpRequest) -> Any:
        columns = super().get_list_display(request)
        first, *others = self._plain_columns() if tuple(columns) == ("__str__",) else columns
        return [first, *(linked(self.admin_site, self.opts, column) for column in others)]

    def _plain_columns(self) -> list[str]:
        """Return the first short fields: their text needs no other row."""
        long = (models.ForeignKey, models.TextField, models.JSONField)
        fields = {field.name: field for field in self.opts.concrete_fields}
        return [name for name in self.readable_fields() if not isinstance(fields[name], long)][
            :FALLBACK_COLUMNS
        ]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Find rows by any id they carry, their own or another's, and by the search fields."""
        try:
            wanted = UUID(search_term.strip())
        except ValueError:
            return super().get_search_results(request, queryset, search_term)
        return queryset.filter(self._carries(wanted)), False

    def _carries(self, wanted: UUID) -> Q:
        found = Q(pk__in=[])
        for field in self.opts.concrete_fields:
            target = field.target_field if isinstance(field, models.ForeignKey) else field
            if isinstance(target, models.UUIDField):
                found |= Q(**{field.attname: wanted})
            elif field.name == "subject_id":
                found |= Q(subject_id=str(wanted))
        return found

    def response_action(self, request: HttpRequest, queryset: QuerySet[Any], *place: Any) -> Any:
        """Answer an action; ids that are none were not made by our pages."""
        try:
            return super().response_action(request, queryset, *place)
        except (ValidationError, ValueError, OverflowError, DataError):
            self.message_user(request, _("These are no rows of this list."), messages.ERROR)
            return None

    # --- what is written down -------------------------------------------------------------
    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show a row; where it holds personal data, that it was opened is written down first."""
        if self.opening_is_audited and request.method == "GET":
            row = self.get_object(request, unquote(object_id))
            if row is not None:
                self.note(request, "opened", row)
        return super().change_view(request, object_id, form_url, extra_context)

    def render_change_form(  # noqa: PLR0913, PLR0917 - Django's signature
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Any = None,
    ) -> HttpResponse:
        """Add the lists of the rows that belong to this one."""
        context["neighbours"] = [] if obj is None else neighbours(self.admin_site, obj)
        return super().render_change_form(request, context, add, change, form_url, obj)

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Say what a link has narrowed the list to; what no column can hold narrows nothing."""
        told = {
            "title": capfirst(self.opts.verbose_name_plural),
            "narrowings": narrowings(self.opts, request),
            **(extra_context or {}),
        }
        try:
            return super().changelist_view(request, told)
        except (OverflowError, DataError):
            return redirect(f"{request.path}?{ERROR_FLAG}=1")  # as Django answers other nonsense

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """Write a change into the audit trail, too: which fields, never their contents."""
        changed = [name for part in message for name in part.get("changed", {}).get("fields", [])]
        self.note(request, "changed", obj, fields=changed)
        return super().log_change(request, obj, message)

    def note(self, request: HttpRequest, deed: str, row: Any = None, **detail: Any) -> None:
        """Write down what somebody of the staff did with a row."""
        kind = self.opts.model_name or ""
        audit.record(
            organization_id=self._organization_id(row),
            actor=principal_of(request).key,
            action=f"{kind}.{deed}",
            subject_kind=kind,
            subject_id="" if row is None else str(row.pk),
            detail={"by": "staff", **detail},
        )

    def _organization_id(self, row: Any) -> Any:
        if row is None or not self.organization_path:
            return None
        try:
            return attrgetter(self.organization_path)(row)
        except ObjectDoesNotExist:
            return None


def register_the_rest(app_label: str) -> None:
    """Have staff read the models that no admin class of the app speaks for."""
    for model in apps.get_app_config(app_label).get_models():
        if not admin.site.is_registered(model):
            admin.site.register(model, StaffAdmin)


def known_values(
    parameter: str, title: Any, values: Callable[[], Iterable[tuple[str, Any]]]
) -> type[admin.SimpleListFilter]:
    """Return a filter over values that the code knows: the table is not asked for them."""

    class KnownValuesFilter(FilterBase):
        parameter_name = parameter

        def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:  # noqa: ARG002 - Django's signature
            return list(values())

        def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:  # noqa: ARG002 - as above
            value = self.value()
            return queryset.filter(**{parameter: value}) if value else queryset

    KnownValuesFilter.title = title
    return KnownValuesFilter
