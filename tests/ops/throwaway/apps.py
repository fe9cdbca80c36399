from django.apps import AppConfig


class ThrowawayConfig(AppConfig):
    name = "tests.ops.throwaway"
    label = "throwaway"
