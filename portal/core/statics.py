"""The static files of production: hashed and compressed, and listed for this release alone."""

from django.conf import settings
from whitenoise.storage import CompressedManifestStaticFilesStorage


class OfThisRelease(CompressedManifestStaticFilesStorage):
    """Two releases serve from one folder while one takes over from the other, each by a list of its own."""

    manifest_name = f"staticfiles-{settings.BASE_DIR.name}.json"
