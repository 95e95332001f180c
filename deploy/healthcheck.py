"""Is this web container well? Asks its own health page, under a host name that Kring answers to."""

import os
import urllib.request

host = os.environ["KRING_HOSTS"].split(",")[0]
request = urllib.request.Request("http://127.0.0.1:8000/gezond/", headers={"Host": host})
urllib.request.urlopen(request, timeout=4)
