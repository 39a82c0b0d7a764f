from . import journey_push
from . import journey_push_browser
