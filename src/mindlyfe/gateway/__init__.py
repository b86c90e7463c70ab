"""The gateway: from the contexts' endpoint tables to Envoy's configuration.

`settings.GatewaySettings` says where and for whom; `envoy.bootstrap(endpoints, settings)` makes the configuration, by
way of the typed `model`; `eds.write_eds(directory, context, addresses)` tells where a context runs. Nothing is imported
here, so that the supervisor, which needs the last one alone, stays small.
"""
