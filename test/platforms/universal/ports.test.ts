import * as assert from "node:assert/strict";
import { assertPortsFree, portsFrom } from "../../../platforms/universal/ports";
import { apiUrl } from "../../../platforms/universal/settings";
import { cleanUp, later } from "../../support/cleanUp";
import { kumaErrorOf } from "../../support/errors";
import { freePortBase, listenOn } from "../../support/ports";

describe("platforms/universal/ports", () => {
  afterEach(cleanUp);

  it("are Kuma's own with base 5600", () => {
    assert.deepEqual(portsFrom(5600), {
      monitoring: 5676,
      dataplanes: 5678,
      diagnostics: 5680,
      api: 5681,
      apiTls: 5682,
      interCp: 5683,
      kds: 5685,
    });
    assert.equal(apiUrl({ portBase: 5600 }), "http://127.0.0.1:5681");
  });

  it("are accepted when nothing listens on them", async () => {
    await assertPortsFree(portsFrom(await freePortBase()), "zone-1", "portBase of zone zone-1");
  });

  for (const use of ["api", "kds", "monitoring"] as const) {
    for (const host of ["127.0.0.1", "0.0.0.0", undefined]) {
      it(`names the ${use} port when something listens on it (${host ?? "any interface"})`, async () => {
        const ports = portsFrom(await freePortBase());
        const server = await listenOn(ports[use], host);
        later(() => void server.close());
        assert.deepEqual(await kumaErrorOf(assertPortsFree(ports, "zone-1", "portBase of zone zone-1")), {
          code: "invalid",
          message:
            `Port ${ports[use]} (${use} of zone-1) is in use on this machine, so zone-1 was not started. ` +
            "Stop what listens there, or choose other ports with the setting portBase of zone zone-1.",
        });
      });
    }
  }
});
