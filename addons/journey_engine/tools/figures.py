"""What is told of one step of a journey."""


def no_figures():
    """Return the figures of a step that nothing has happened to."""
    return {
        "deliveries": 0,
        "sent": 0,
        "to_customers": 0,
        "to_colleagues": False,
        "opened": 0,
        "clicked": 0,
        "converted": 0,
        "revenue": 0.0,
        "not_sent": {},
    }
