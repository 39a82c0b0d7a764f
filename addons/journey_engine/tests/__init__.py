from . import test_web_push
from . import test_web_push_browser
from . import test_web_push_routes
from . import test_journey_offer
from . import test_offer_order
from . import test_offer_race
from . import test_offer_security
from . import test_offer_website
