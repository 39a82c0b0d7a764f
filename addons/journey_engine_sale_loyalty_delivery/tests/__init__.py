from . import test_free_delivery
