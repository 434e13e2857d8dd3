import * as assert from "node:assert/strict";
import { ExistingZone, FederationBridge, GlobalControlPlane, ZoneControlPlane } from "../../components";
import type { SshArgs } from "../../components/universal/args";
import { cleanUp } from "../support/cleanUp";
import { list, named, run } from "../support/pulumi/libraryProgram";
import { Registered, isDynamic } from "../support/pulumi/pulumiMocks";

/** A program in which a zone joins a global of others. */
const adopting = (where: object, proxyHosts?: SshArgs[]) => () => {
  const existing = { apiUrl: "https://g:5682", kdsAddress: "grpcs://g:5685" };
  const global = new GlobalControlPlane("mesh", { existing });
  const zone = new ExistingZone("shop", where);
  const bridge = new FederationBridge("shop", { zone: zone.zone, join: global.membership });
  new ZoneControlPlane("shop", {
    ...{ adopt: zone.zone, join: bridge.membership, ...(proxyHosts && { proxyHosts }) },
  });
};

describe("components on hosts", () => {
  afterEach(cleanUp);

  describe("of a zone on a host", () => {
    const ssh = { host: "zone-a", user: "admin", privateKey: "canary-key", hostKey: "ssh-ed25519 AAAA" };
    const program = adopting({ universal: { ssh, federatedDatabase: "next" } });
    let registered: Registered[];
    before(async () => (registered = await run(program)));

    it("look at it, and switch it there", () => {
      const names = list(registered.filter(({ type }) => isDynamic(type))).filter((each) =>
        each.includes("shop"),
      );
      assert.deepEqual(names, [
        "FederatedResources shop-resources in shop",
        "GlobalWayBack shop-global-way-back in shop",
        "HostTokens shop-proxy-tokens in shop",
        "HostZone shop-host in shop",
        "UniversalWayBack shop-way-back in shop",
        "UniversalZoneFederation shop-federation in shop",
      ]);
    });

    it("reach it over SSH with a key that stays secret, and move it to its second database", () => {
      for (const name of ["shop-host", "shop-resources", "shop-way-back", "shop-federation"]) {
        const { inputs, secretInputs } = named(registered, name);
        const { privateKey, hostKey } = ssh;
        const url = "ssh://admin@zone-a:22/kuma-cp.service";
        assert.deepEqual(inputs.zone, { url, tokens: [], ssh: { privateKey, hostKey } });
        assert.ok(secretInputs.includes("zone.ssh") && !secretInputs.includes("zone.url"), name);
        if (name !== "shop-resources") assert.equal(inputs.federatedDatabase, "next");
      }
    });

    it("have the global issue its token, once it holds everything, where it is to show one", async () => {
      const made = await run(() => {
        const existing = { apiUrl: "https://g:5682", kdsAddress: "grpcs://g:5685" };
        const global = new GlobalControlPlane("mesh", { existing });
        const zone = new ExistingZone("shop", { universal: { ssh } });
        const bridge = new FederationBridge("shop", { zone: zone.zone, join: global.membership });
        new ZoneControlPlane("shop", {
          ...{ adopt: zone.zone, join: bridge.membership, cpToken: { tokenDays: 90 } },
        });
        new ZoneControlPlane("new", {
          ...{ universal: { ssh }, join: global.membership, cpToken: { token: "canary-token\n" } },
        });
        new ZoneControlPlane("cluster", {
          ...{ kubernetes: { context: "c" }, join: global.membership, cpToken: {} },
        });
      });
      const issued = named(made, "shop-cp-token");
      assert.deepEqual([issued.inputs.zoneName, issued.inputs.tokenDays], ["shop", 90]);
      assert.ok(issued.dependencies.includes("shop-resources") && issued.secretOutputs.includes("token"));
      assert.ok(named(made, "shop-way-back").dependencies.includes("shop-cp-token"));
      const shop = named(made, "shop-federation");
      assert.ok(shop.secretInputs.includes("cpToken") && shop.inputs.cpToken !== undefined);
      const { role } = named(made, "new-control-plane").inputs as { role: { cpToken: string } };
      assert.equal(role.cpToken, "canary-token");

      const secret = made.find(({ name }) => name === "cluster-cp-token-secret");
      assert.deepEqual((secret?.inputs as { stringData: object }).stringData, { token: "canary-token" });
      const release = made.find(({ name }) => name === "cluster-release");
      const { values } = release?.inputs as { values: { controlPlane: Record<string, unknown> } };
      const { secrets, podAnnotations } = values.controlPlane;
      const Env = "KMESH_MULTIZONE_ZONE_KDS_AUTH_CP_TOKEN_INLINE";
      assert.deepEqual(secrets, [{ Env, Secret: "cp-token", Key: "token" }]);
      assert.match(JSON.stringify(podAnnotations), /^\{"kuma-federation\/token":"[0-9a-f]{16}"\}$/);
      assert.doesNotMatch(JSON.stringify(values), /canary/);
    });

    it("have proxies on other hosts looked after, with keys that stay secret", async () => {
      const other = { host: "proxy-1", privateKey: "canary-key" };
      const made = await run(adopting({ universal: { ssh } }, [other]));
      for (const name of ["shop-way-back", "shop-federation", "shop-proxy-tokens"]) {
        const { inputs, secretInputs } = named(made, name);
        assert.deepEqual(inputs.proxyHosts, [other], name);
        assert.ok(secretInputs.includes("proxyHosts"), name);
      }
    });

    it("have no such hosts where they are none themselves", async () => {
      const proxyHosts = [{ host: "proxy-1" }];
      const here = run(adopting({ universal: { portBase: 5600 } }, proxyHosts));
      await assert.rejects(here, /\[proxyHosts\] is for a zone on a host, and the zone runs on this machine/);
      const inCluster = run(adopting({ kubernetes: { context: "c" } }, proxyHosts));
      await assert.rejects(
        inCluster,
        /\[proxyHosts\] is for a zone on a host, and the zone runs in a cluster/,
      );
    });

    it("take either a host or ports of this machine", async () => {
      const both = () => new ExistingZone("shop", { universal: { ssh, portBase: 5600 } });
      await assert.rejects(run(both), /Exactly one of \[portBase\] or \[ssh\] must be given/);
    });
  });

  describe("of control planes that are installed on hosts", () => {
    const ssh = (host: string) => ({
      host,
      user: "admin",
      privateKey: "canary-key",
      hostKey: "ssh-ed25519 A",
    });
    const archive = { from: "kuma.tar.gz", sha256: "0".repeat(64) };
    const postgres = { user: "kuma", password: "canary-password", database: "kuma" };
    const program = () => {
      const universal = { ssh: ssh("global-host"), install: { archive, postgres } };
      const global = new GlobalControlPlane("mesh", { universal });
      const install = { config: { license: "canary" } };
      new ZoneControlPlane("shop", {
        universal: { ssh: ssh("shop-host"), unit: "shop", install },
        zoneIngress: { advertisedAddress: "198.51.100.7" },
        zoneEgress: { ssh: ssh("egress-host"), archive },
        join: global.membership,
      });
    };
    let registered: Registered[];
    before(async () => (registered = await run(program)));

    it("make a unit for each, after what the zone needs of its global", () => {
      assert.deepEqual(list(registered.filter(({ type }) => isDynamic(type))), [
        "HostControlPlane mesh in mesh",
        "HostControlPlane shop-control-plane in shop",
        "HostInstallation mesh-installation in mesh",
        "HostInstallation shop-control-plane-installation in shop",
        "HostInstallation shop-egress-installation in shop",
        "HostInstallation shop-ingress-installation in shop",
        "HostMember shop-member in shop",
        "HostProxy shop-egress in shop",
        "HostProxy shop-ingress in shop",
        "HostTokens shop-proxy-tokens in shop",
        "KdsCertificate mesh-kds in mesh",
        "ZoneRegistration shop-registration in shop",
      ]);
      const { inputs, dependencies } = named(registered, "shop-control-plane");
      assert.equal(inputs.url, "ssh://admin@shop-host:22/shop.service");
      assert.equal(inputs.owner, "test/shop-control-plane");
      const kds = { kdsAddress: "grpcs://global-host:5685", kdsCa: "the ca" };
      assert.deepEqual(inputs.role, { kind: "zone", zoneName: "shop", ...kds });
      assert.ok(dependencies.includes("shop-registration"));
    });

    it("know where they are to be before anything is put there, so that a run that fails is taken away", () => {
      for (const name of ["mesh", "shop-control-plane", "shop-ingress", "shop-egress"]) {
        const unit = named(registered, name);
        const before = named(registered, `${name}-installation`);
        assert.ok(unit.dependencies.includes(`${name}-installation`), name);
        for (const field of ["url", "owner", "title", "archive", "removesData"])
          assert.deepEqual(before.inputs[field], unit.inputs[field], `${name} ${field}`);
        assert.ok(before.secretInputs.includes("ssh") && before.secretOutputs.includes("ssh"), name);
      }
      const { dependencies } = named(registered, "shop-control-plane-installation");
      assert.ok(
        dependencies.includes("shop-registration"),
        "a global does not forget a zone that is connected",
      );
      assert.ok(named(registered, "shop-ingress-installation").dependencies.includes("shop-member"));
    });

    it("reach the global where it runs, with keys and passwords that stay secret", () => {
      const { inputs, secretInputs } = named(registered, "shop-member");
      const { url } = inputs.global as { url: string };
      assert.equal(url, "ssh://admin@global-host:22/kuma-cp.service");
      assert.ok(
        ["global.ssh", "zone.ssh"].every((name) => secretInputs.includes(name)),
        secretInputs.join(),
      );
      const mesh = named(registered, "mesh");
      assert.ok(["ssh", "postgres", "admin"].every((name) => mesh.secretInputs.includes(name)));
      assert.ok(mesh.secretOutputs.includes("role"));
      assert.ok(named(registered, "shop-control-plane").secretInputs.includes("config"));
    });

    it("have a zone ingress and a zone egress once the zone is a member, where they are to run", () => {
      const [ingress, egress] = ["ingress", "egress"].map((kind) => named(registered, `shop-${kind}`));
      const at = ({ inputs: { url, address, port, advertisedAddress } }: Registered) => [
        ...[url, address, port, advertisedAddress],
      ];
      const atHost = (host: string, kind: string) => `ssh://admin@${host}:22/kuma-${kind}.service`;
      assert.deepEqual(at(ingress), [atHost("shop-host", "ingress"), "shop-host", 10_001, "198.51.100.7"]);
      assert.deepEqual(at(egress), [atHost("egress-host", "egress"), "egress-host", 10_002, undefined]);
      for (const { dependencies, secretInputs, secretOutputs } of [ingress, egress]) {
        assert.ok(dependencies.includes("shop-member"));
        assert.ok(secretInputs.includes("ssh") && secretOutputs.includes("token"));
      }
      const elsewhere = () =>
        new ZoneControlPlane("here", {
          adopt: {
            ...{ zoneName: "here", platform: "universal", api: { url: "http://z" } },
            ...{ started: "", directory: "" },
          },
          join: {
            ...{ api: { url: "u" }, kdsAddress: "", kdsCa: "", version: "2" },
            carried: { kdsAddress: "", kdsCa: "", resources: {}, generation: 0, snapshot: "" },
          },
          zoneEgress: {},
        });
      return assert.rejects(run(elsewhere), /\[zoneEgress\] is for a zone on a host/);
    });

    it("join Konnect with the token of the zone in a file, by programs of Kong Mesh", async () => {
      const join = { api: { url: "u" }, kdsAddress: "grpcs://g:1", kdsCa: "", version: "2" };
      const konnect = {
        ...{ controlPlaneId: "id", systemCaFile: "ca.crt", region: "eu", apiUrl: "u", identityUrl: "u" },
        ...{ token: "canary", zoneProvisioning: "systemAccount", tokenDays: 90, limits: {} },
      };
      const zone = (install?: object) => () =>
        new ZoneControlPlane("shop", { universal: { ssh: ssh("h"), install }, join: { ...join, konnect } });
      await assert.rejects(run(zone()), /needs \[install\.archive\]: Konnect takes zones of Kong Mesh/);
      const made = await run(zone({ archive }));
      const { inputs, dependencies, secretInputs } = named(made, "shop-control-plane");
      const { konnect: told, ...role } = inputs.role as { konnect: object };
      assert.deepEqual(role, { kind: "zone", zoneName: "shop", kdsAddress: "grpcs://g:1", kdsCa: "" });
      assert.deepEqual(told, { controlPlaneId: "id", token: "canary-token", systemCaFile: "ca.crt" });
      assert.ok(secretInputs.includes("role.konnect"), secretInputs.join());
      assert.ok(dependencies.includes("shop-konnect-access"));
      assert.ok(named(made, "shop-registration").dependencies.includes("shop-konnect-access"));
    });
  });

  describe("of control planes with several instances", () => {
    const hosts = ["a", "b", "c"].map((host) => ({ host, privateKey: "canary-key" }));
    const [first, ...others] = hosts;
    const urls = hosts.map(({ host }) => `ssh://root@${host}:22/kuma-cp.service`);
    const postgres = { host: "db", user: "kuma", password: "canary-password", database: "kuma" };

    it("are told of all hosts of a zone that is there, with keys that stay secret", async () => {
      const registered = await run(() => {
        const existing = { apiUrl: "https://g:5682", kdsAddress: "grpcs://g:5685" };
        const global = new GlobalControlPlane("mesh", { existing });
        const universal = { ssh: first, instances: others, federatedDatabase: "next" };
        const { zone } = new ExistingZone("shop", { universal });
        const { membership: join } = new FederationBridge("shop", { zone, join: global.membership });
        new ZoneControlPlane("shop", { adopt: zone, join });
      });
      for (const name of ["shop-host", "shop-way-back", "shop-federation"]) {
        const { inputs, secretInputs } = named(registered, name);
        const { url, instances } = inputs.zone as { url: string; instances: { url: string }[] };
        assert.deepEqual([url, ...instances.map((each) => each.url)], urls);
        assert.ok(secretInputs.includes("zone.instances"), name);
      }
    });

    it("are installed one after another, on one database, with one admin and one certificate", async () => {
      const registered = await run(() => {
        const universal = { ssh: first, instances: others, kdsHost: "kds", install: { postgres } };
        const global = new GlobalControlPlane("mesh", { universal });
        const zone = {
          ssh: first,
          unit: "shop",
          instances: [others[0]],
          cpHost: "cp",
          install: { postgres },
        };
        new ZoneControlPlane("shop", { universal: zone, join: global.membership, zoneIngress: {} });
      });
      const made = ["mesh", "mesh-b", "mesh-c"].map((name) => named(registered, name));
      assert.deepEqual(
        made.map(({ inputs }) => inputs.url),
        urls,
      );
      const [lead, second, third] = made;
      assert.deepEqual([second.inputs.role, third.inputs.role], [lead.inputs.role, lead.inputs.role]);
      const told = (lead.inputs.others as { url: string; owner: string }[]).map(({ url, owner }) => [
        url,
        owner,
      ]);
      assert.deepEqual(
        told,
        [second, third].map(({ inputs }) => [inputs.url, inputs.owner]),
      );
      assert.ok(lead.secretInputs.includes("others"));
      assert.deepEqual([lead.inputs.sharedWith, second.inputs.sharedWith], [undefined, "the store"]);
      assert.deepEqual(
        [second.dependencies.includes("mesh"), third.dependencies.includes("mesh-b")],
        [true, true],
      );
      assert.deepEqual(named(registered, "mesh-kds").inputs.hosts, ["kds"]);
      const server = named(registered, "shop-server");
      assert.deepEqual(server.inputs.hosts, ["cp", "a", "b", "127.0.0.1", "localhost"]);
      assert.ok(named(registered, "shop-member").dependencies.includes("shop-control-plane-b"));
      assert.equal(named(registered, "shop-ingress").inputs.cpHost, "cp");
    });

    for (const [what, more, sentence] of [
      ["one database", {}, /\[instances\] of \[universal\] need \[install\.postgres\]: what is in memory/],
      [
        "a server that all reach",
        { install: { postgres: { ...postgres, host: undefined } } },
        /need \[install\.postgres\.host\]: without it each looks/,
      ],
      ["an address", { install: { postgres } }, /need \[kdsHost\], the address behind which/],
    ] as const) {
      it(`are not installed without ${what}`, async () => {
        const universal = { ssh: first, instances: others, ...more };
        await assert.rejects(
          run(() => new GlobalControlPlane("mesh", { universal })),
          sentence,
        );
      });
    }
  });
});
