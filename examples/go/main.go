package main

import (
	federation "example.com/pulumi-kuma-federation/sdk/go/kumafederation"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

func main() {
	pulumi.Run(func(ctx *pulumi.Context) error {
		global, err := federation.NewGlobalControlPlane(ctx, "global", &federation.GlobalControlPlaneArgs{
			Universal: &federation.UniversalGlobalArgsArgs{PortBase: pulumi.Float64Ptr(28600)},
		})
		if err != nil {
			return err
		}
		existing, err := federation.NewExistingZone(ctx, "zone-1", &federation.ExistingZoneArgs{
			Universal: &federation.UniversalZoneArgsArgs{PortBase: pulumi.Float64Ptr(28700), Content: pulumi.String("zone")},
		})
		if err != nil {
			return err
		}
		bridge, err := federation.NewFederationBridge(ctx, "zone-1", &federation.FederationBridgeArgs{Zone: existing.Zone, Join: global.Membership})
		if err != nil {
			return err
		}
		zone, err := federation.NewZoneControlPlane(ctx, "zone-1", &federation.ZoneControlPlaneArgs{
			Adopt: existing.Zone.ToZoneConnectionPtrOutput(), Join: bridge.Membership,
		})
		if err != nil {
			return err
		}
		ctx.Export("kdsAddress", global.KdsAddress)
		ctx.Export("carried", bridge.Counts)
		ctx.Export("online", zone.Online)
		return nil
	})
}
