from . import lifecycle_demo
from . import lifecycle_demo_people
