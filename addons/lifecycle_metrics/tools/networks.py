"""Addresses and the networks they are in."""

import ipaddress
import re


def parse_networks(text):
    """Return the networks that ``text`` names, between commas or white space.

    :raises ValueError: something in it is none

    >>> parse_networks("10.0.0.0/8, ::1")
    [IPv4Network('10.0.0.0/8'), IPv6Network('::1/128')]
    """
    words = re.split(r"[\s,;]+", (text or "").strip())
    return [ipaddress.ip_network(word) for word in words if word]


def is_inside(address, networks):
    """Whether a text that should be an address is in one of the networks.

    >>> is_inside("::ffff:10.1.2.3", parse_networks("10.0.0.0/8"))
    True
    """
    try:
        found = ipaddress.ip_address(address or "")
    except ValueError:
        return False
    # A socket of both kinds tells IPv4 addresses as IPv6.
    found = getattr(found, "ipv4_mapped", None) or found
    return any(found in network for network in networks)
