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
        "security/journey_offer_security.xml",
        "views/journey_offer_views.xml",
    ],
}
