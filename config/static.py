"""Static files with content hashes, imports inside our own ES modules included."""

from typing import Any, ClassVar

from whitenoise.storage import CompressedManifestStaticFilesStorage

Patterns = tuple[str, tuple[Any, ...]]


class ModuleManifestStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # untyped base
    """Hash file names; rewrite `import "./b.js"` to the hashed name as well.

    Only in static/js: modules of installed packages import by bare names that are no files.
    """

    support_js_module_import_aggregation: ClassVar[bool] = True
    _js_module_import_aggregation_patterns: ClassVar[Patterns] = (
        "js/*.js",
        CompressedManifestStaticFilesStorage._js_module_import_aggregation_patterns[1],  # noqa: SLF001 - Django offers no setting for the files it applies to
    )
    manifest_strict: ClassVar[bool] = True
