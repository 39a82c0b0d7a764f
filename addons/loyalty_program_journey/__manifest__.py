{
    "name": "Loyalty Program: Journeys",
    "summary": "Journeys give bonus points instead of a code",
    "version": "19.0.1.0.0",
    "category": "Sales/Customer Lifecycle",
    "author": "Smart Dairy",
    "license": "LGPL-3",
    "depends": ["loyalty_program", "journey_engine"],
    "data": [
        "security/ir.model.access.csv",
        "security/journey_bonus_security.xml",
        "views/journey_offer_views.xml",
    ],
    "auto_install": True,
}
