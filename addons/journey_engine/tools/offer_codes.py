"""What issuing codes decides without a database."""


def allot(customers, used, limit, room):
    """Decide who gets a code: first come, first served.

    :param customers: recipient -> customer, who has one share for all contacts
    :param used: customer -> codes had within the year
    :param limit: codes per customer and year, 0 for any number
    :param room: codes that the budget still pays, None for any number
    :return: recipients who get one, and the others with their reason

    >>> allot({1: 7, 2: 7, 3: 8, 4: 9}, {}, limit=1, room=2)
    ([1, 3], {2: 'offer_limit', 4: 'offer_budget'})
    """
    used, chosen, refusals = dict(used), [], {}
    for recipient, customer in customers.items():
        if limit and used.get(customer, 0) >= limit:
            refusals[recipient] = "offer_limit"
        elif room is not None and len(chosen) >= room:
            refusals[recipient] = "offer_budget"
        else:
            used[customer] = used.get(customer, 0) + 1
            chosen.append(recipient)
    return chosen, refusals
