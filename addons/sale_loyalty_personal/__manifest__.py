{
    "name": "Personal Codes",
    "summary": "A personal code pays for its customer only",
    "version": "19.0.1.0.0",
    "category": "Sales/Customer Lifecycle",
    "author": "Smart Dairy",
    "license": "LGPL-3",
    "depends": ["sale_loyalty"],
    "data": ["views/loyalty_program_views.xml"],
}
