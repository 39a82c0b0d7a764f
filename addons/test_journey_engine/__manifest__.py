{
    "name": "Journey Engine: example and tests",
    "summary": "The shortest journey there is, and the tests of the engine",
    "version": "19.0.1.0.0",
    "category": "Hidden/Tests",
    "author": "Smart Dairy",
    "license": "LGPL-3",
    "depends": ["journey_engine"],
    "data": [
        "security/ir.model.access.csv",
        "security/test_journey_security.xml",
        "views/test_journey_views.xml",
    ],
    "assets": {
        "web.assets_tests": ["test_journey_engine/static/tests/tours/**/*"],
    },
}
