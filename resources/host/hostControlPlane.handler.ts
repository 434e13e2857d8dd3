import { assertSupported } from "../../kuma";
import { type Admin, makeAdmin } from "../../platforms/universal/adminAccess";
import { answersAt, controlPlaneService } from "../../platforms/universal/install/controlPlane";
import {
  Installation,
  assertRoom,
  install,
  isInPlace,
  uninstall,
} from "../../platforms/universal/install/installation";
import { openControlPlane } from "../../platforms/openControlPlane";
import { changedInputs, isKnown } from "../provider/handler";
import type { HandlerOf, InputsOf, StateOf } from "../provider/resource";
import type { HostControlPlane } from "./hostControlPlane";
import { replacesUnit, withUnitHost } from "./hostPlace";
import { leftOpen } from "../options/planRun";

type Inputs = InputsOf<typeof HostControlPlane>;
type Outputs = StateOf<typeof HostControlPlane>;

export const hostControlPlane: HandlerOf<typeof HostControlPlane> = {
  /** What stands against it is told before anything is made, also in previews. */
  async check(olds, given) {
    const news = { ...given, admin: olds.admin?.token === undefined ? await makeAdmin() : olds.admin };
    // one that is there was looked at, and is again by the diff
    const isThere = olds.url === news.url;
    if (!isThere && isKnown(news.url) && isKnown(news.ssh))
      await withUnitHost(news, (host, unit) => assertRoom(host, installationOf(unit, withoutUnknown(news))));
    // a new one each time
    return { ...news, ...(olds.admin?.token === undefined && leftOpen("admin")) };
  },
  async diff(_, olds, news) {
    const how = replacesUnit(olds, news);
    if (how.replaces.length > 0 || changedInputs(olds, news).length > 0) return { changes: true, ...how };
    const isThere = await withUnitHost(news, (host, unit) => isInPlace(host, installationOf(unit, news)));
    return { changes: !isThere, ...how };
  },
  create: async (inputs) => ({ id: inputs.url, outs: await run(inputs) }),
  update: (_, __, news) => run(news),
  delete: (_, inputs) =>
    withUnitHost(inputs, (host, unit) => uninstall(host, installationOf(unit, inputs), inputs)),
};

async function run(inputs: Inputs): Promise<Outputs> {
  const { url, ssh, title, admin } = inputs;
  await withUnitHost(inputs, (host, unit) => install(host, installationOf(unit, inputs), answersAt(host)));
  const api = await openControlPlane({ url, ssh, tokens: [admin.token ?? ""] }, title);
  try {
    const { product, version, ...info } = await api.info();
    assertSupported(api, { product, version, ...info });
    return { ...inputs, product, version, created: true };
  } finally {
    api.close();
  }
}

function installationOf(unit: string, { archive, admin, ...spec }: Inputs): Installation {
  const service = controlPlaneService({ ...spec, admin: admin as Admin, unit });
  return { service, ...(archive && { archive }) };
}

/** Certificates and addresses that the same run is to make stand in no file yet: what is looked at is the host. */
function withoutUnknown(inputs: Inputs): Inputs {
  const text = JSON.stringify(inputs, (_, value: unknown) => (isKnown(value) ? value : ""));
  const { config, ...known } = JSON.parse(text) as Inputs;
  return typeof config === "object" ? { ...known, config } : known;
}
