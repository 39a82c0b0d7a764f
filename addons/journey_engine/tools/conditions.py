"""Conditions that people click together, as the JSON that is kept of them."""


def condition_json(domain):
    """Return a Domain as a list that JSON can hold; "all of them" is no condition,
    however it is written.
    """
    return [
        list(leaf) if isinstance(leaf, tuple) else leaf
        for leaf in ([] if domain.is_true() else domain)
    ]
