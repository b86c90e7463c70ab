"""The gateway: from the contexts' endpoint tables to Envoy's configuration."""

from mindlyfe.gateway.eds import Address, write_eds
from mindlyfe.gateway.envoy import bootstrap
from mindlyfe.gateway.settings import PAGES, GatewaySettings, Limits, Tls, UnsafeGateway

__all__ = ["PAGES", "Address", "GatewaySettings", "Limits", "Tls", "UnsafeGateway", "bootstrap", "write_eds"]
