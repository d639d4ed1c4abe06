"""Network paths: security groups, network ACLs, routes, endpoints, flow logs."""
