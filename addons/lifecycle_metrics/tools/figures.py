"""From rows of the database to samples of Prometheus."""

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily


def counter(name, meaning, labels, numbers):
    """Return a family of counters, whose samples are called ``<name>_total``.

    :param list labels: their names
    :param dict numbers: {label value, or tuple of them: number}
    """
    return _filled(CounterMetricFamily(name, meaning, labels=labels), numbers)


def gauge(name, meaning, labels, numbers):
    """Return a family of gauges; arguments as of ``counter``."""
    return _filled(GaugeMetricFamily(name, meaning, labels=labels), numbers)


def _filled(family, numbers):
    for labels, number in sorted(numbers.items()):
        labels = labels if isinstance(labels, tuple) else (labels,)
        family.add_metric(list(labels), number)
    return family


def cumulated(counts, bounds):
    """Return the buckets of a histogram: each counts what is at most its bound.

    A count of a bound that is none any more falls into the next greater one.

    :param dict counts: {upper bound: number}
    :param bounds: ascending floats, the last one infinite
    :return: list of (bound as text, number)

    >>> cumulated({1.0: 2, 7.0: 3}, (1.0, 10.0, float("inf")))
    [('1.0', 2), ('10.0', 5), ('+Inf', 5)]
    """
    return [
        (
            "+Inf" if bound == float("inf") else str(bound),
            sum(number for place, number in counts.items() if place <= bound),
        )
        for bound in bounds
    ]
