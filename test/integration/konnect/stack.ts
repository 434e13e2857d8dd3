import * as fs from "node:fs";
import * as path from "node:path";
import { Konnect, konnectAddresses } from "../../../kuma";
import { freePortBase } from "../../support/ports";
import { ROOT, Sandbox } from "../support";

/** A stack whose zone of Kong Mesh joins a control plane in a stand-in for Konnect. */
export async function konnectStack(sandbox: Sandbox) {
  const [konnectBase, zoneBase] = [await freePortBase(), await freePortBase()];
  const global = {
    platform: "konnect",
    region: "eu",
    controlPlane: "my-global",
    create: true,
    standIn: { portBase: konnectBase },
  };
  const zone = {
    name: "zone-1",
    platform: "universal",
    portBase: zoneBase,
    kumaCp: "embedded",
    product: "kong-mesh",
    content: path.join(ROOT, "stand-in/demo-zone"),
  };
  const url = `http://127.0.0.1:${konnectBase + 81}`;
  const directory = path.join(sandbox.state, "stacks/test");
  const read = (file: string) => fs.readFileSync(path.join(directory, file), "utf8");
  return {
    global,
    zone,
    url,
    zoneUrl: `http://127.0.0.1:${zoneBase + 81}`,
    directory,
    token: () => read("konnect/work/token"),
    zoneToken: () => read("zones/zone-1/cp-token"),
    /** Asks the stand-in as the user who may do everything. */
    async konnect<T>(ask: (konnect: Konnect) => Promise<T>): Promise<T> {
      const token = read("konnect/work/token");
      const addresses = konnectAddresses("eu", { apiUrl: url, identityUrl: url });
      const konnect = new Konnect({ ...addresses, region: "eu", token });
      return ask(konnect).finally(() => konnect.close());
    },
  };
}
