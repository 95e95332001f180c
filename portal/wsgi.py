"""The WSGI door. In embedded mode the one serving process also carries the Celery worker and beat as threads."""

import os

from django.core.wsgi import get_wsgi_application

from portal import embedded

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

application = get_wsgi_application()
embedded.start()
