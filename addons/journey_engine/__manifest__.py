{
    "name": "Journey Engine",
    "summary": "Walks customers through timed steps, and says why of every message",
    "version": "19.0.1.0.0",
    "category": "Sales/Customer Lifecycle",
    "author": "Smart Dairy",
    "license": "LGPL-3",
    "depends": [
        "customer_preference",
        "mail",
        "mass_mailing",
        "mass_mailing_sms",
        "sale_loyalty",
    ],
    "data": [
        "security/ir.model.access.csv",
        "views/portal_push_templates.xml",
    ],
    "assets": {
        "web.assets_frontend": ["journey_engine/static/src/interactions/**/*"],
        "web.assets_tests": ["journey_engine/static/tests/tours/**/*"],
    },
}
