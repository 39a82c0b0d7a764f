from . import test_pos_personal_codes
