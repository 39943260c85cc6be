from __future__ import annotations

from django.urls import path

from apps.forecasts.views import pages

app_name = "forecasts"
urlpatterns = [
    path("forecast/", pages.ForecastsPage.as_view(), name="forecasts-page"),
    path("queues/<slug:code>/forecast/", pages.ForecastPage.as_view(), name="forecast-page"),
    path("forecasts/<int:pk>/data/", pages.ForecastData.as_view(), name="forecast-data"),
]
