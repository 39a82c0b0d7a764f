from . import test_demo_pages
from . import test_demo_segments
from . import test_lifecycle_demo
from . import test_demo_loyalty
from . import test_delivery_survey
from . import test_demo_year
from . import test_lived_year
from . import test_translations
