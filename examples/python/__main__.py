"""The same in Python, on control planes of this machine."""
import pulumi
import pulumi_kuma_federation as federation

control_plane = federation.GlobalControlPlane("global", universal={"port_base": 28600})
existing = federation.ExistingZone("zone-1", universal={"port_base": 28700, "content": "zone"})
bridge = federation.FederationBridge("zone-1", zone=existing.zone, join=control_plane.membership)
zone = federation.ZoneControlPlane("zone-1", adopt=existing.zone, join=bridge.membership)

pulumi.export("kdsAddress", control_plane.kds_address)
pulumi.export("carried", bridge.counts)
pulumi.export("online", zone.online)
