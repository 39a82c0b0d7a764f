{
    "name": "Journey Engine: Free Delivery",
    "summary": "Journeys give codes for free delivery",
    "version": "19.0.1.0.0",
    "category": "Sales/Customer Lifecycle",
    "author": "Smart Dairy",
    "license": "LGPL-3",
    "depends": ["journey_engine", "sale_loyalty_delivery"],
    "auto_install": True,
}
