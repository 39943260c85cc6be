"""Settings common to every way of running the product; read `docs/running.md` for the variables."""

import os
from importlib import resources
from pathlib import Path

import django_stubs_ext
import environ
from django.utils.translation import gettext_lazy as _

from wfm.embedded import folders, services
from wfm.settings.api import *
from wfm.settings.background import *
from wfm.settings.logs import *
from wfm.settings.reading import MOST_CONNECTIONS, MOST_MONTHS, log_level, number

django_stubs_ext.monkeypatch()  # ModelAdmin[Shift] and the like at run time, as the type checker reads them

BASE_DIR = Path(__file__).resolve().parents[2]
env = environ.Env()

SECRET_KEY = env("SECRET_KEY", default="")
DEBUG = False
ALLOWED_HOSTS: list[str] = env.list("ALLOWED_HOSTS", default=[])

INSTALLED_APPS = [
    "wfm.apps.ProjectConfig",
    "wfm.apps.WfmAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.forms",  # its templates, so that ours in templates/ can stand before them
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_celery_beat",
    "django_htmx",
    "django_structlog",
    "csp",
    "apps.core",
    "apps.audit",
    "apps.jobs",
    "apps.accounts",
    "apps.organization",
    "apps.workcalendar",
    "apps.demand",
    "apps.forecasts",
    "apps.staffing",
    "apps.schedules",
    "apps.monitoring",
    "apps.integrations",
    "apps.reports",
    "apps.demo",
]

MIDDLEWARE = [
    "apps.core.web.metrics.count_requests",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "apps.core.web.middleware.refuse_nul",
    "apps.core.web.middleware.without_slash",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_structlog.middlewares.RequestMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "apps.core.web.middleware.request_facts",
]

ROOT_URLCONF = "wfm.urls"
ASGI_APPLICATION = "wfm.asgi.application"

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
                "django.template.context_processors.i18n",
            ],
        },
    },
]

FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

VAR_DIR = folders.var_folder()
DATABASES = {"default": {**services.database(env), "CONN_MAX_AGE": 0, "CONN_HEALTH_CHECKS": True}}
WEB_PROCESSES = max(1, number(env, "WEB_PROCESSES", default=min(2, os.cpu_count() or 1)))  # of `serve`
DB_POOL_SIZE = number(env, "DB_POOL_SIZE", default=0, most=MOST_CONNECTIONS)
if DB_POOL_SIZE:  # web processes: under ASGI a connection per thread would leak
    # A database that is away is told within seconds, and found again as soon as it is back.
    pool = {"min_size": 1, "max_size": DB_POOL_SIZE, "timeout": 2.0, "reconnect_timeout": 2.0}
    DATABASES["default"]["OPTIONS"] = {"pool": pool}
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": f"{REDIS_PREFIX}cache",
        "OPTIONS": {"socket_timeout": REDIS_TIMEOUT_S, "socket_connect_timeout": REDIS_TIMEOUT_S},
    }
}
# Older interval history is dropped; 0: never.
HISTORY_KEPT_MONTHS = number(env, "HISTORY_KEPT_MONTHS", default=0, most=MOST_MONTHS)
# What contact centres told of agents and groups; 0: for ever.
MONITORING_KEPT_MONTHS = number(env, "MONITORING_KEPT_MONTHS", default=36, most=MOST_MONTHS)
METRICS_TOKEN = env("METRICS_TOKEN", default="")  # who may read /metrics: nobody unless told so
# Hosts and networks, otherwise private, that webhooks may reach.
WEBHOOK_ALLOWED_TARGETS: list[str] = env.list("WEBHOOK_ALLOWED_TARGETS", default=[])
METRICS_ADDRESSES: list[str] = env.list("METRICS_ADDRESSES", default=[])
# Keys of stored secrets, the one that writes first (apps/core/encryption/keys.py).
FIELD_KEYS: list[str] = env.list("FIELD_KEYS", default=[])
FIELD_KEYS_FILE: str | Path = env("FIELD_KEYS_FILE", default="")
FIELD_KEYS_MADE = False  # whether a file that is not there is made, with one new key
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["apps.accounts.backends.RoleBackend"]
LOGIN_URL = "/accounts/login/"
LOGIN_REDIRECT_URL = "/"

LOGGING = logging_config(readable=False, level=log_level(env, default="INFO"))

LANGUAGE_CODE = "ru"
LANGUAGES = [("ru", _("Russian")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = "wfm.formats"
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
CHARTS = Path(str(resources.files("chartkick"))) / "django/static/chartkick"  # Chart.js
STATICFILES_DIRS = [BASE_DIR / "static", ("chartjs", CHARTS)]

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "object-src": ["'none'"],
        "base-uri": ["'self'"],
        "frame-ancestors": ["'none'"],
        "form-action": ["'self'"],
    }
}
