from django.apps import AppConfig
from django.core.checks import register

from portal.demo.checks import only_at_home


class DemoConfig(AppConfig):
    name = "portal.demo"
    label = "demo"

    def ready(self) -> None:
        register(only_at_home)
