from . import test_pos_offer
