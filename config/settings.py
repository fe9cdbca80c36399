"""Every setting of Candor, once, from the environment.

Defaults run the embedded product on one machine. Each variable is named in .env.example and
docs/operations.md; a test compares the three.
"""

from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from environs import FileAwareEnv, validate

from config import databases, passwords, policy, queues, rest
from config.addresses import alert_addresses
from config.logs import logging_table
from recordings import object_server as own_server
from recordings.s3_options import recordings_storage

BASE_DIR = Path(__file__).resolve().parent.parent
VERSION = "0.1.0"

env = FileAwareEnv(eager=False, strip_whitespace=True)
env.read_env(str(BASE_DIR / ".env"), recurse=False)

# --- what and where -------------------------------------------------------------------------
DEBUG: bool = env.bool("DEBUG", False)
PRODUCTION: bool = env.bool("PRODUCTION", False)
DATA_DIR = Path(env.str("DATA_DIR", str(BASE_DIR / "data"))).resolve()
PORT: int = env.int("PORT", 3000)
BIND: str = env.str("BIND", "127.0.0.1")
PUBLIC_URL: str = env.str("PUBLIC_URL", f"http://localhost:{PORT}").rstrip("/")
ALLOWED_HOSTS: list[str] = env.list("ALLOWED_HOSTS", ["localhost", "127.0.0.1", "[::1]"])
LOG_FORMAT: str = env.str("LOG_FORMAT", "console")
LOG_LEVEL: str = env.str("LOG_LEVEL", "INFO")
METRICS_TOKEN: str = env.str("METRICS_TOKEN", "")  # who bears it reads /metrics

# --- secrets --------------------------------------------------------------------------------
DEVELOPMENT_KEY = "development-only-key-never-used-in-production-0123456789"
KEY_FILE = DATA_DIR / "secret_key"  # made by `make run`: every command on this data agrees on it
SECRET_KEY: str = env.str("SECRET_KEY", "") or (
    KEY_FILE.read_text().strip() if KEY_FILE.exists() else DEVELOPMENT_KEY
)
# Keys that were in use before: what they signed or sealed can still be read.
SECRET_KEY_FALLBACKS: list[str] = env.list("SECRET_KEY_FALLBACKS", [])
TOKEN_PEPPER: str = env.str("TOKEN_PEPPER", "") or SECRET_KEY

# --- database -------------------------------------------------------------------------------
DATA_DIR.mkdir(parents=True, exist_ok=True)  # any command opens the database, even `check`
DATABASE_URL: str = env.str("DATABASE_URL", "", validate=databases.require_postgres)
REDIS_URL: str = env.str("REDIS_URL", "", validate=databases.require_redis)

# --- jobs -----------------------------------------------------------------------------------
LONG_WORKERS: int = env.int("LONG_WORKERS", 1)
SHORT_WORKERS: int = env.int("SHORT_WORKERS", 2)
LEASE_S: int = env.int("LEASE_S", 60)
LEASE_BEAT_S: float = LEASE_S / 3
DISPATCH_S: int = 5  # how long a hint handed to a worker may stay unclaimed
MAX_CRASHES = 3
WATCHDOG_STALE_S: int = env.int("WATCHDOG_STALE_S", 10)
DRAIN_S: int = env.int("DRAIN_S", 30)
LONGEST_STAGE_S = 1800
DEAD_LETTER_DAYS = 30
# Hours from a death to the next try by itself, for failures that pass; empty: never by itself.
AUTOMATIC_REDRIVE_AFTER_H: list[float] = env.list(
    "AUTOMATIC_REDRIVE_AFTER_H", [1.0, 6.0, 24.0], subcast=float
)
REDRIVES_PER_MIN: float = env.float("REDRIVES_PER_MIN", 300.0)
PROGRESS_MIN_INTERVAL_S = 0.25
# What differs from ops/retry.py, by policy: {"network": {"retries": 5, "cap_s": 60}}
RETRY_POLICIES: Any = env.json("RETRY_POLICIES", {})
# What differs from ops/breaker_rules.py: {"failures_in_row": 8, "cooldown_s": 20}
BREAKER_POLICY: Any = env.json("BREAKER_POLICY", {})
# Where staff are told what needs them (apprise addresses: secrets), and what differs from
# ops/alert_rules.py: {"dead_in_queue": 20, "redis_disconnected": false}
ALERT_URLS: list[str] = alert_addresses(env.str("ALERT_URLS", ""))
ALERT_RULES: Any = env.json("ALERT_RULES", {})

Q_CLUSTER = queues.clusters(SHORT_WORKERS, LONG_WORKERS, longest_stage_s=LONGEST_STAGE_S)

# --- media ----------------------------------------------------------------------------------
MEDIA_DIR = DATA_DIR / "media"
SPEECH_RATE_HZ: int = env.int("SPEECH_RATE_HZ", 16000)
SPEECH_BITRATE_KBPS: int = env.int("SPEECH_BITRATE_KBPS", 16)
MAX_UPLOAD_BYTES: int = env.int("MAX_UPLOAD_BYTES", 500 * 1024 * 1024)
MAX_MEDIA_S: int = env.int("MAX_MEDIA_S", 1800)
SESSION_QUOTA_BYTES: int = env.int("SESSION_QUOTA_BYTES", 2 * 1024**3)
UPLOAD_GRANT_S = 600
MULTIPART_FROM_BYTES: int = env.int("MULTIPART_FROM_BYTES", 8 * 1024**2)
UPLOAD_PART_BYTES: int = env.int(
    "UPLOAD_PART_BYTES", 8 * 1024**2, validate=validate.Range(min=5 * 1024**2)
)

# --- object storage -------------------------------------------------------------------------
STORAGE: str = env.str("STORAGE", "local", validate=validate.OneOf(("local", "s3")))
S3_BUCKET: str = env.str("S3_BUCKET", "")
S3_ENDPOINT_URL: str = env.str("S3_ENDPOINT_URL", "").rstrip("/")
S3_PUBLIC_ENDPOINT_URL: str = env.str("S3_PUBLIC_ENDPOINT_URL", "").rstrip("/")
S3_REGION: str = env.str("S3_REGION", "us-east-1")
S3_ACCESS_KEY_ID: str = env.str("S3_ACCESS_KEY_ID", "")
S3_SECRET_ACCESS_KEY: str = env.str("S3_SECRET_ACCESS_KEY", "")
S3_ADDRESSING_STYLE: str = env.str(
    "S3_ADDRESSING_STYLE",
    "path" if S3_ENDPOINT_URL else "virtual",
    validate=validate.OneOf(("path", "virtual")),
)
S3_SSE: str = env.str("S3_SSE", "", validate=validate.OneOf(("", "AES256", "aws:kms")))
S3_KMS_KEY_ID: str = env.str("S3_KMS_KEY_ID", "")
# Who signs the URLs of objects that are given out: "own" (recordings/signing.py) or "boto3".
S3_SIGNER: str = env.str("S3_SIGNER", "own", validate=validate.OneOf(("own", "boto3")))
# For `configure_bucket`: transfer acceleration, which costs by the byte (Amazon's S3 only).
S3_ACCELERATE: bool = env.bool("S3_ACCELERATE", False)
# How objects move between storage classes: "cheapest" (recordings/lifecycle.py), "classic"
# (STANDARD_IA after 30 days, GLACIER after 90: to be restored before it plays) or "none".
LIFECYCLE_RULE: str = env.str(
    "LIFECYCLE_RULE", "cheapest", validate=validate.OneOf(("cheapest", "classic", "none"))
)
# What differs from recordings/purposes.py: {"preview": {"lifetime_s": 600, "cache_s": 120}}
URL_PURPOSES: Any = env.json("URL_PURPOSES", {})

# --- retention ------------------------------------------------------------------------------
RETENTION_D: int = env.int("RETENTION_D", 730, validate=validate.Range(min=1))
LONG_RETENTION_D: int = env.int("LONG_RETENTION_D", 1825, validate=validate.Range(min=1))
# Days after which the original goes, once what was made of it is there and whole; 0: never.
ORIGINAL_RETENTION_D: int = env.int("ORIGINAL_RETENTION_D", 30, validate=validate.Range(min=0))

# --- engines --------------------------------------------------------------------------------
LOCAL_ENGINES: bool = env.bool("LOCAL_ENGINES", True)
OPENAI_API_KEY: str = env.str("OPENAI_API_KEY", "")
OPENAI_BASE_URL: str = env.str("OPENAI_BASE_URL", "")
OPENAI_TRANSCRIBE_MODEL: str = env.str("OPENAI_TRANSCRIBE_MODEL", "gpt-transcribe")
OPENAI_CHAT_MODEL: str = env.str("OPENAI_CHAT_MODEL", "gpt-5-mini")
OPENAI_CONTEXT_TOKENS: int = env.int("OPENAI_CONTEXT_TOKENS", 100_000)
OPENAI_TIMEOUT_S: float = env.float("OPENAI_TIMEOUT_S", 120.0)
QUESTION_TIMEOUT_S: float = env.float("QUESTION_TIMEOUT_S", 30.0)  # somebody waits for it
# Ratings by OpenAI's Batch API, at half the price, within a day: for the runs that say so (asked),
# for all (always) or for none (never); after BATCH_DEADLINE_H hours it is asked directly.
BATCH_RATINGS: str = env.str(
    "BATCH_RATINGS", "asked", validate=validate.OneOf(("never", "asked", "always"))
)
BATCH_DEADLINE_H: float = env.float("BATCH_DEADLINE_H", 24.0)
QUESTION_BANK_DIR: str = env.str("QUESTION_BANK_DIR", "")  # your own files beside the built-in ones
TRANSCRIBERS: list[str] = env.list("TRANSCRIBERS", ["openai", "local"])
LANGUAGE_MODELS: list[str] = env.list("LANGUAGE_MODELS", ["openai"])
WHISPER_MODEL_DIR = Path(env.str("WHISPER_MODEL_DIR", str(DATA_DIR / "models" / "whisper-base")))
WHISPER_THREADS: int = env.int("WHISPER_THREADS", 2)

# --- costs ----------------------------------------------------------------------------------
# What differs from the table in ops/prices.py: [{"provider": "openai", "model": "gpt-5-mini",
# "kind": "tokens_in", "usd": "0.20", "per": 1000000, "on": "2026-12-01"}]
PRICES: Any = env.json("PRICES", [])

# --- people ---------------------------------------------------------------------------------
SIGNUP_OPEN: bool = env.bool("SIGNUP_OPEN", True)
# Not where the demo is: its staff user signs in with a password that is printed at the start.
STAFF_MFA: bool = env.bool("STAFF_MFA", PRODUCTION)
TRUSTED_PROXIES: int = env.int("TRUSTED_PROXIES", 0)
DEFAULT_FROM_EMAIL: str = env.str("DEFAULT_FROM_EMAIL", "Candor <candor@localhost>")
EMAIL_HOST: str = env.str("EMAIL_HOST", "")
EMAIL_PORT: int = env.int("EMAIL_PORT", 587)
EMAIL_SECURITY: str = env.str(
    "EMAIL_SECURITY", "starttls", validate=validate.OneOf(("starttls", "tls", "none"))
)
EMAIL_HOST_USER: str = env.str("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD: str = env.str("EMAIL_HOST_PASSWORD", "")
CORS_ALLOWED_ORIGINS: list[str] = env.list("CORS_ALLOWED_ORIGINS", [])
TIME_ZONE: str = env.str("TIME_ZONE", "UTC")

# STORAGE=s3 without a bucket: a server of our own, beside Candor (config/first_start.py makes it).
OBJECT_SERVER_DIR = DATA_DIR / "objects" if STORAGE == "s3" and not S3_BUCKET else None
COMPANIONS: list[tuple[str, list[str]]] = []  # programs that `serve` keeps running: name, command

env.seal()  # every wrong variable is reported at once

if PRODUCTION:
    MIN_KEY_LENGTH = 50
    if DEBUG:
        raise ImproperlyConfigured("PRODUCTION=1 refuses to start with DEBUG=1: unset DEBUG.")
    if SECRET_KEY == DEVELOPMENT_KEY or len(SECRET_KEY) < MIN_KEY_LENGTH:
        raise ImproperlyConfigured(
            f"PRODUCTION=1 needs a SECRET_KEY of at least {MIN_KEY_LENGTH} random characters."
        )

if OBJECT_SERVER_DIR is not None:
    if PRODUCTION:
        raise ImproperlyConfigured("PRODUCTION=1 with STORAGE=s3 needs S3_BUCKET.")
    if object_server := own_server.existing(OBJECT_SERVER_DIR):
        S3_BUCKET, S3_ENDPOINT_URL = own_server.BUCKET, object_server.url
        S3_ACCESS_KEY_ID = object_server.access_key_id
        S3_SECRET_ACCESS_KEY = object_server.secret_access_key
        S3_ADDRESSING_STYLE = "path"
        COMPANIONS.append(("object server", object_server.command(own_server.program() or "weed")))
# Where browsers may send recordings to and play them from.
STORAGE_ORIGINS = policy.storage_origins(
    S3_PUBLIC_ENDPOINT_URL or S3_ENDPOINT_URL,
    bucket=S3_BUCKET,
    region=S3_REGION,
    style=S3_ADDRESSING_STYLE,
)

# --- Django ---------------------------------------------------------------------------------
FLOORS = ["ops", "interviews", "recordings", "analysis"]  # our own apps, ground floor first
INSTALLED_APPS = [
    "config.apps.AdministrationConfig",  # the admin, with our own site
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_q",
    "channels",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "corsheaders",
    "csp",
    "django_htmx",
    "template_partials",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    *FLOORS,
]
MIDDLEWARE = [
    "config.middleware.MeasuredRequests",  # outermost: what all others take is in it
    "config.middleware.BilledRequests",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "corsheaders.middleware.CorsMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "config.middleware.SecurityHeadersMiddleware",
]
ROOT_URLCONF = "config.urls"
ASGI_APPLICATION = "config.asgi.application"
AUTH_USER_MODEL = "ops.User"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "ops.context.installation",
            ],
        },
    }
]
DATABASES = {"default": databases.default_database(DATABASE_URL, DATA_DIR)}
USE_TZ = True
USE_I18N = True
LANGUAGE_CODE = "en"
STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "config.static.ModuleManifestStorage"},
    "recordings": recordings_storage(
        STORAGE,
        MEDIA_DIR,
        bucket=S3_BUCKET,
        endpoint_url=S3_ENDPOINT_URL,
        region=S3_REGION,
        access_key_id=S3_ACCESS_KEY_ID,
        secret_access_key=S3_SECRET_ACCESS_KEY,
        addressing=S3_ADDRESSING_STYLE,
    ),
}
WHITENOISE_USE_FINDERS = DEBUG
CACHES = {
    # Counts of sign-in attempts and used codes: with Django's 300 entries a flood of guesses would
    # push out the counts of those before.
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "cache",
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    },
    # For what must never be written down, such as signed URLs.
    "memory": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "memory"},
}
CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}
EMAIL_BACKEND = f"django.core.mail.backends.{'smtp' if EMAIL_HOST else 'console'}.EmailBackend"
EMAIL_USE_TLS, EMAIL_USE_SSL = EMAIL_SECURITY == "starttls", EMAIL_SECURITY == "tls"
EMAIL_TIMEOUT = 10  # somebody waits for the answer
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

# --- accounts -------------------------------------------------------------------------------
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = passwords.VALIDATORS
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_SIGNUP_FORM_CLASS = "ops.forms.FoundingForm"
ACCOUNT_ADAPTER = "ops.account_adapter.AccountAdapter"
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_RESEND = True
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = "[Candor] "
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = True  # every session ends, this one too
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if PRODUCTION else "http"
ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXIES
MFA_ADAPTER = "ops.account_adapter.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "Candor"
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_LOGOUT_REDIRECT_URL = "/"

# --- browser security -----------------------------------------------------------------------
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SECURE_CONTENT_TYPE_NOSNIFF = True
# Not "no-referrer": under it browsers send `Origin: null` with our own forms, which CSRF refuses.
# A personal link still never leaves this origin.
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = PRODUCTION
SECURE_SSL_REDIRECT = PRODUCTION
SECURE_HSTS_SECONDS = 31536000 if PRODUCTION else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = PRODUCTION
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXIES else None
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]
CSRF_FAILURE_VIEW = "ops.error_pages.csrf_failed"
CONTENT_SECURITY_POLICY = {"DIRECTIVES": policy.directives(STORAGE_ORIGINS)}
CORS_URLS_REGEX = r"^/api/v1/(?!candidate/).*$"
CORS_ALLOW_CREDENTIALS = False
CORS_EXPOSE_HEADERS = ["ETag", "Retry-After", "Location"]

# --- REST -----------------------------------------------------------------------------------
REST_FRAMEWORK = {**rest.REST_FRAMEWORK, "NUM_PROXIES": TRUSTED_PROXIES}
SPECTACULAR_SETTINGS = {**rest.SPECTACULAR_SETTINGS, "VERSION": VERSION}

# --- logs -----------------------------------------------------------------------------------
LOGGING: dict[str, Any] = logging_table(log_format=LOG_FORMAT, level=LOG_LEVEL)
