"""Settings of the tests: the product's own, on a data folder that vanishes."""

import atexit
import os
import shutil
import tempfile

_data = tempfile.mkdtemp(prefix="candor-test-")
os.environ["DATA_DIR"] = _data
os.environ.pop("PRODUCTION", None)
# Whatever the settings of this machine name, tests write to servers of their own: tests/servers.py.
os.environ["DATABASE_URL"] = os.environ.get("TEST_DATABASE_URL", "")
os.environ["REDIS_URL"] = os.environ.get("TEST_REDIS_URL", "")
os.environ |= dict.fromkeys(("STORAGE", "S3_BUCKET", "S3_ENDPOINT_URL"), "") | {"STORAGE": "local"}
os.environ["SECRET_KEY"] = "test-only-" + "k" * 50
atexit.register(shutil.rmtree, _data, ignore_errors=True)

from config.settings import *  # noqa: E402, F403 - after the environment is set

STATIC_ROOT.mkdir()  # noqa: F405 - whitenoise warns where nothing was ever collected
STORAGES |= {  # noqa: F405
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # fast, tests only
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
