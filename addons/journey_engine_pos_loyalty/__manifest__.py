{
    "name": "Journey Engine: Point of Sale",
    "summary": "Codes of journeys work at the till, for their customers only",
    "version": "19.0.1.0.0",
    "category": "Sales/Customer Lifecycle",
    "author": "Smart Dairy",
    "license": "LGPL-3",
    "depends": ["journey_engine", "sale_loyalty_personal_pos"],
    "auto_install": True,
}
