import assert from "node:assert/strict";
import { collectAddresses, formatAddresses } from "../../cli/commands/addresses";
import type { StandingZone } from "../../cli/stack/standing/standing";
import { FakeControlPlane, stopFakes } from "../support/controlPlane/fakeControlPlane";

const address = {
  ...{ mesh: "default", service: "web", from: "zone-1", address: "web.mesh:80", by: "tag" as const },
  reaches: [
    { zone: "zone-1", total: 2 },
    { zone: "zone-2", healthy: 1, total: 3 },
  ],
};

describe("cli/addresses", () => {
  afterEach(stopFakes);

  it("says for each zone under which names a service is reached, and whether calls stay in it", () => {
    const local = { ...address, address: "127.0.0.1:9000", by: "outbound" as const, proxy: "client" };
    const addresses = [
      address,
      { ...local, reaches: [{ zone: "zone-1", total: 2 }] },
      { ...address, reaches: [] },
    ];
    const text = formatAddresses({ addresses, problems: ["Zone zone-3 could not be asked. Why."] });
    assert.deepEqual(
      text.split("\n").map((line) => line.split(/ {2,}/)),
      [
        ["MESH", "SERVICE", "FROM ZONE", "ADDRESS", "REACHES", "STAYS IN ZONE"],
        ["default", "web", "zone-1", "web.mesh:80", "zone-1 (2), zone-2 (1 of 3 healthy)", "no"],
        ["default", "web", "zone-1", "127.0.0.1:9000 (of client)", "zone-1 (2)", "yes"],
        ["default", "web", "zone-1", "web.mesh:80", "nothing", "no"],
        [""],
        ["Problem: Zone zone-3 could not be asked. Why."],
      ],
    );
  });

  it("says so where there is nothing", () => {
    const nothing = { addresses: [], problems: [] };
    assert.equal(formatAddresses(nothing, "db"), "No zone of the stack knows the service db.");
    assert.equal(formatAddresses(nothing), "No zone of the stack knows a service.");
  });

  it("asks the other zones where one does not answer, and names that one", async () => {
    const resources = [
      { type: "Mesh", name: "default" },
      {
        ...{ type: "Dataplane", mesh: "default", name: "a", labels: { "kuma.io/zone": "zone-2" } },
        networking: {
          inbound: ["web", "web_apps_svc_80", "web_apps_svc", "web-2_apps_svc_80", "my_web"].map(
            (service) => ({
              tags: { "kuma.io/service": service },
            }),
          ),
        },
      },
    ];
    const global = await FakeControlPlane.start({ resources });
    const member = (zoneName: string, url: string) =>
      ({ zoneName, zone: { url }, global: { url: global.url } }) as StandingZone;
    const zones = [member("zone-1", "http://127.0.0.1:1"), member("zone-2", global.url)];
    const { addresses, problems } = await collectAddresses({ zones, alone: [], endsGlobal: false }, "web");
    assert.deepEqual(
      addresses.map(({ from, address: name }) => [from, name]),
      ["web", "web_apps_svc", "web_apps_svc_80"].map((name) => ["zone-2", `${name}.mesh:80`]),
    );
    assert.equal(problems.length, 1);
    assert.match(problems[0], /^Zone zone-1 could not be asked\. .*refused/);
  });
});
