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
        "security/journey_engine_security.xml",
        "data/ir_cron_data.xml",
        "views/journey_delivery_views.xml",
        "views/res_partner_views.xml",
        "views/journey_engine_menus.xml",
        "views/portal_push_templates.xml",
    ],
    "assets": {
        "web.assets_frontend": ["journey_engine/static/src/interactions/**/*"],
        "web.assets_tests": ["journey_engine/static/tests/tours/**/*"],
    },
}
