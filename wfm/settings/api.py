"""The API: who is let in, how lists and errors look, how it describes itself (`docs/api.md`)."""

import environ

from wfm.settings.reading import number

env = environ.Env()

# Of a user or key; 0: no limit.
API_REQUESTS_PER_MINUTE = number(env, "API_REQUESTS_PER_MINUTE", default=1_000, most=10_000_000)
IDEMPOTENCY_KEPT_HOURS = 24
SIGN_IN_FAILURES_OF_NAME = env.int("SIGN_IN_FAILURES_OF_NAME", default=20)  # wrong passwords in 5 minutes
SIGN_IN_FAILURES_OF_ADDRESS = env.int("SIGN_IN_FAILURES_OF_ADDRESS", default=100)

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "apps.accounts.authentication.PasswordAuthentication",  # first: its challenge makes a refusal a 401
        "apps.accounts.authentication.ApiKeyAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": [
        "rest_framework.permissions.IsAuthenticated",
        "apps.accounts.authentication.WithinScopes",
    ],
    "DEFAULT_THROTTLE_CLASSES": ["apps.core.web.api.limits.SlidingWindow"],
    "DEFAULT_RENDERER_CLASSES": ["apps.core.web.api.rendering.OrjsonRenderer"],
    "DEFAULT_FILTER_BACKENDS": [
        "apps.core.web.api.filters.KnownFilters",
        "apps.core.web.api.filters.KnownOrdering",
    ],
    "DEFAULT_PAGINATION_CLASS": "apps.core.web.api.paging.Pages",
    "DEFAULT_SCHEMA_CLASS": "apps.core.web.api.schema.Schema",
    "DEFAULT_METADATA_CLASS": "apps.core.web.api.options.Methods",
    "EXCEPTION_HANDLER": "apps.core.web.api.problem_json",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}

SPECTACULAR_SETTINGS = {
    "TITLE": "WFM",
    "DESCRIPTION": "Workforce management: people, history, forecasts, requirements, schedules.",
    "VERSION": "v1",
    "OAS_VERSION": "3.1.1",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.IsAuthenticated"],
    "COMPONENT_SPLIT_REQUEST": True,
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "apps.core.web.api.schema.add_problem",
    ],
    "ENUM_NAME_OVERRIDES": {
        "ImportState": "apps.demand.choices.ImportState",
        "VersionState": "apps.forecasts.choices.VersionState",
        "RequirementState": "apps.staffing.choices.RequirementState",
        "JobState": "apps.jobs.choices.JobState",
        "VariantState": "apps.schedules.choices.VariantState",
        "Membership": "apps.organization.choices.Membership",
        "EditState": "apps.schedules.choices.EditState",
        "EditKind": "apps.schedules.choices.EditKind",
        "ArgusState": "apps.integrations.choices.ArgusState",
        "OperationState": "apps.integrations.choices.OperationState",
        "RunState": "apps.integrations.choices.RunState",
    },
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "ENABLE_DJANGO_DEPLOY_CHECK": False,  # the schema is checked by the tests, without warnings
}
