"""Networks, as they are counted: an IPv4 address, or the /64 that a line with IPv6 gives to one house."""

from ipaddress import IPv6Address, IPv6Network, ip_address

HOUSE = 64


def network_of(address: str) -> str:
    """The network of an address; what is no address is its own."""
    try:
        number = ip_address(address)
    except ValueError:
        return address
    if not isinstance(number, IPv6Address):
        return str(number)
    return str(number.ipv4_mapped or IPv6Network((int(number), HOUSE), strict=False))
