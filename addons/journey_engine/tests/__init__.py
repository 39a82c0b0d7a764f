from . import test_web_push
from . import test_web_push_browser
from . import test_web_push_routes
