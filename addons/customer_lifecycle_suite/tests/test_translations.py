from io import BytesIO
from pathlib import Path

import polib

from odoo.tests import TransactionCase, tagged
from odoo.tools.translate import trans_export

ADDONS = Path(__file__).resolve().parents[2]
# What other addons say of our models belongs to them.
THEIRS = "website_form_label"


@tagged("post_install", "-at_install")
class TestTranslations(TransactionCase):
    """Translators find every term in the templates, and none that is gone."""

    def _shown(self, module):
        """Return {term: where it stands} of an installed module."""
        buffer = BytesIO()
        trans_export(None, [module], buffer, "po", self.env)
        return _terms(buffer.getvalue().decode())

    def test_templates_are_those_of_the_code(self):
        installed = self.env["ir.module.module"]._installed()
        templates = [
            path
            for path in sorted(ADDONS.glob("*/i18n/*.pot"))
            if path.stem in installed
        ]
        self.assertTrue(templates)
        for path in templates:
            with self.subTest(module=path.stem):
                known = _terms(path.read_text(encoding="utf-8"))
                shown = self._shown(path.stem)
                self.assertEqual(sorted(set(shown) - set(known)), [], "not in it")
                self.assertEqual(sorted(set(known) - set(shown)), [], "gone")


def _terms(text):
    return {
        entry.msgid
        for entry in polib.pofile(text)
        if THEIRS not in entry.comment
        and not all(THEIRS in where for where, _line in entry.occurrences)
    }
