from . import test_lifecycle_demo
