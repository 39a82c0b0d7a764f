{
    "name": "Personal Codes: Point of Sale",
    "summary": "A personal code pays at the till for its customer only",
    "version": "19.0.1.0.0",
    "category": "Sales/Customer Lifecycle",
    "author": "Smart Dairy",
    "license": "LGPL-3",
    "depends": ["sale_loyalty_personal", "pos_loyalty"],
    "auto_install": True,
}
