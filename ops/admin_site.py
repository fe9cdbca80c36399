"""The admin site: staff only, our own apps only, and first of all what staff need to know."""

from collections.abc import Iterable
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.admin import AdminSite
from django.contrib.auth.views import redirect_to_login
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ops import staff, usage
from ops.second_factor import Missing, missing_of

PERIODS_DAYS = (1, 7, 30, 90)
USAGE_DAYS = 30


class CandorAdminSite(AdminSite):
    """Shows the rows of our own apps; packages that register theirs are not listened to.

    A django-q2 schedule row runs any function by name, os.system too; rows of second factors hold
    secrets. So nothing of a package is here unless one of our apps shows it.
    """

    site_title: Any = _("Candor administration")
    site_header: Any = _("Candor administration")
    index_title: Any = _("Administration")
    enable_nav_sidebar = True

    def __init__(self, name: str = "admin") -> None:
        super().__init__(name)
        self._pages: list[tuple[str, Any, str]] = []
        self.disable_action("delete_selected")

    def register(
        self,
        model_or_iterable: type[Model] | Iterable[type[Model]],
        admin_class: Any = None,
        **options: Any,
    ) -> None:
        """Take a model of our own; leave every other one out."""
        models = [model_or_iterable] if isinstance(model_or_iterable, type) else model_or_iterable
        own = [model for model in models if model._meta.app_label in settings.FLOORS]  # noqa: SLF001 - Django's own way
        super().register(own, admin_class, **options)

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        """Have others than staff find nothing here, and staff show their second factor first."""
        inner = super().admin_view(view, cacheable)

        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if request.user.is_authenticated:
                if not self.has_permission(request):
                    raise Http404
                if (missing := missing_of(request)) != Missing.NOTHING:
                    return second_factor_wanted(request, missing)
            response: HttpResponse = inner(request, *args, **kwargs)
            return response

        # What Django set on the view (csrf_protect among it) stays on the view it stands for.
        guarded.__dict__.update(inner.__dict__)
        return guarded

    def login(self, request: HttpRequest, extra_context: Any = None) -> Any:  # noqa: ARG002
        """Send people to the one sign-in page, with its rate limits and second factor."""
        if self.has_permission(request):
            return redirect("admin:index")
        if request.user.is_authenticated:
            raise Http404
        return redirect_to_login(request.GET.get("next") or reverse("admin:index"))

    def password_change(self, request: HttpRequest, extra_context: Any = None) -> Any:  # noqa: ARG002
        """Send people to the one page that changes passwords."""
        return redirect("account_change_password")

    def add_page(self, route: str, view: Any, name: str) -> None:
        """Take in a page of staff's own that belongs to no list."""
        self._pages.append((route, view, name))

    def get_urls(self) -> list[Any]:
        """Put our own pages before the stock pages, whose last route catches all."""
        pages = [("usage/", self.usage, "usage"), *self._pages]
        own = [path(route, self.admin_view(view), name=name) for route, view, name in pages]
        return [*own, *super().get_urls()]

    def index(self, request: HttpRequest, extra_context: Any = None) -> TemplateResponse:
        """Show how the machine room is, then every list."""
        overview = staff.overview(timezone.now())
        return super().index(request, {"overview": overview, **(extra_context or {})})

    def usage(self, request: HttpRequest) -> TemplateResponse:
        """Show what was used: by organization, kind and day."""
        choices = usage.organizations_that_used()
        wanted = request.GET.get("organization", "")
        chosen = next((choice for choice in choices if str(choice.id) == wanted), None)
        asked = request.GET.get("days", "")
        days = next((days for days in PERIODS_DAYS if str(days) == asked), USAGE_DAYS)
        context = {
            **self.each_context(request),
            "title": _("Usage"),
            "report": usage.usage_report(timezone.now(), days=days, organization=chosen),
            "choices": choices,
            "chosen": chosen,
            "periods": PERIODS_DAYS,
        }
        return TemplateResponse(request, "admin/usage.html", context)

    def page_of(self, kind: str, pk: UUID | str | int) -> str:
        """Return the address of the change page of that kind of row, "" if there is none."""
        for model in self._registry:
            opts = model._meta  # noqa: SLF001 - Django's own way
            if opts.model_name == kind.replace("_", ""):
                return reverse(f"admin:{opts.app_label}_{opts.model_name}_change", args=(pk,))
        return ""


def second_factor_wanted(request: HttpRequest, missing: Missing) -> HttpResponse:
    """Say what is missing and lead there; what was asked for is not done."""
    way_back = request.get_full_path() if request.method == "GET" else reverse("admin:index")
    context = {"missing": missing, "next": way_back}
    return render(request, "ops/second_factor.html", context, status=HTTPStatus.FORBIDDEN)
