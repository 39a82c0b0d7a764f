{
    "name": "Loyalty Program: Point of Sale",
    "summary": "The till earns and spends points by the server's count, in the ledger",
    "version": "19.0.1.0.0",
    "category": "Sales/Customer Lifecycle",
    "author": "Smart Dairy",
    "license": "LGPL-3",
    "depends": ["loyalty_program", "pos_loyalty"],
    "data": ["views/loyalty_program_views.xml"],
    "assets": {
        "point_of_sale._assets_pos": ["loyalty_program_pos/static/src/**/*"],
        "web.assets_tests": ["loyalty_program_pos/static/tests/tours/**/*"],
    },
    "auto_install": True,
}
