"""How staff get from a row to its neighbours: columns that lead on, lists that belong to a row."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.db import models
from django.db.models.fields.reverse_related import ForeignObjectRel
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from ops import subjects

SHORT_ID = 8
ABOUT = "subject_id"  # the field of rows that may be about a row of any kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbours:
    """A list of the rows that belong to a row."""

    label: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Narrowing:
    """What a list was narrowed to by a link from somewhere else."""

    name: str
    value: str


def page_of(model: type[models.Model], page: str, *args: Any) -> str:
    """Return the address of an admin page of that model."""
    opts = model._meta  # noqa: SLF001 - Django's own way
    return reverse(f"admin:{opts.app_label}_{opts.model_name}_{page}", args=args)


def short(pk: Any) -> str:
    """Return enough of an id to tell rows apart in a list."""
    text = str(pk)
    return text if len(text) <= SHORT_ID else f"{text[:SHORT_ID]}…"


def linked(site: Any, opts: Any, column: Any) -> Any:
    """Return the column, leading to the row it names if it is a relation that staff may read.

    `session_id` shows the start of the id and asks no other row; `session` shows its text.
    """
    if not isinstance(column, str):
        return column
    fields = {name: field for field in opts.concrete_fields for name in (field.name, field.attname)}
    field = fields.get(column)
    if not isinstance(field, models.ForeignKey) or not site.is_registered(field.related_model):
        return column

    @admin.display(description=field.verbose_name, ordering=field.name)
    def link(row: Any) -> str | None:
        pk = getattr(row, field.attname)
        if pk is None:
            return None
        text = short(pk) if column == field.attname else str(getattr(row, column))
        return format_html('<a href="{}">{}</a>', page_of(field.related_model, "change", pk), text)

    link.__name__ = column
    return link


@admin.display(description=_("subject"), ordering=ABOUT)
def subject_link(row: Any) -> str:
    """Lead to the row that this one is about, where staff have a page of that kind."""
    if not row.subject_id:
        return str(row.subject_kind)  # nothing in particular, or it was erased
    site: Any = admin.site
    text = f"{row.subject_kind} {short(row.subject_id)}"
    url = site.page_of(row.subject_kind, row.subject_id)
    return format_html('<a href="{}">{}</a>', url, text) if url else text


def neighbours(site: Any, row: models.Model) -> list[Neighbours]:
    """Return the lists of rows that belong to `row`; nothing is counted, so nothing is asked."""
    opts = row._meta  # noqa: SLF001 - Django's own way
    found = [
        _list(relation.related_model, relation.field.name, row.pk)
        for relation in opts.related_objects
        if _is_listed(site, relation)
    ]
    if opts.model_name in {subject.kind for subject in subjects.known()}:
        found += [_list(model, ABOUT, row.pk) for model in _about_anything(site)]
    return sorted(found, key=lambda each: each.label)


def narrowings(opts: Any, request: HttpRequest) -> list[Narrowing]:
    """Return what a link has narrowed this list to, so that the page can say so."""
    names = {
        field.name: field.verbose_name
        for field in opts.concrete_fields
        if isinstance(field, models.ForeignKey) or field.name == ABOUT
    }
    return [
        Narrowing(name=str(label), value=request.GET[name])
        for name, label in names.items()
        if request.GET.get(name)
    ]


def _is_listed(site: Any, relation: ForeignObjectRel) -> bool:
    return bool(relation.one_to_many or relation.one_to_one) and site.is_registered(
        relation.related_model
    )


def _about_anything(site: Any) -> Iterable[type[models.Model]]:
    for model in site._registry:  # noqa: SLF001 - Django's own way
        fields = model._meta.concrete_fields  # noqa: SLF001 - as above
        # The audit trail names subjects as text, and each page leads to it anyway.
        if any(f.name == ABOUT and isinstance(f, models.UUIDField) for f in fields):
            yield model


def _list(model: Any, field: str, pk: Any) -> Neighbours:
    return Neighbours(
        label=str(capfirst(model._meta.verbose_name_plural)),  # noqa: SLF001 - as above
        url=f"{page_of(model, 'changelist')}?{urlencode({field: pk})}",
    )
