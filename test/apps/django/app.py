import tally
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.db import connection
from django.http import HttpResponse
from django.urls import path

settings.configure(
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF=__name__,
    SECRET_KEY="of no use to anybody",
    # The only place that may be written to.
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "/tmp/app.db"}},
)


def index(request):
    with connection.cursor() as cursor:
        cursor.execute("SELECT 'one ' || 'two ' || 'three'")
        (words,) = cursor.fetchone()
    return HttpResponse(f"{words}: {tally.spaces(words)} spaces")


urlpatterns = [path("", index)]
application = get_wsgi_application()
