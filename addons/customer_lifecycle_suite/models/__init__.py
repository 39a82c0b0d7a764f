from . import lifecycle_demo
from . import lifecycle_demo_people
from . import lifecycle_demo_consents
from . import lifecycle_demo_campaigns
from . import lifecycle_demo_segments
from . import lifecycle_demo_loyalty
