"""Static files with content hashes, imports inside ES modules included."""

from typing import ClassVar

from whitenoise.storage import CompressedManifestStaticFilesStorage


class ModuleManifestStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # untyped base
    """Hash file names; rewrite `import "./b.js"` to the hashed name as well."""

    support_js_module_import_aggregation: ClassVar[bool] = True
    manifest_strict: ClassVar[bool] = True
