import { assertSupported } from "../../kuma";
import { adminTokenOf, ensureAdminAccess } from "../../platforms/universal/adminAccess";
import { ControlPlaneProcess } from "../../platforms/universal/controlPlaneProcess";
import { globalEnvironment } from "../../platforms/universal/environment";
import { assertKept, isStandIn, processSettings } from "../../platforms/universal/settings";
import { changedInputs } from "../provider/handler";
import { assertOwnDirectory } from "../provider/ownDirectory";
import type { HandlerOf, InputsOf, StateOf } from "../provider/resource";
import type { UniversalGlobal } from "./universalGlobal";

type Inputs = InputsOf<typeof UniversalGlobal>;
type Outputs = StateOf<typeof UniversalGlobal>;

export const universalGlobal: HandlerOf<typeof UniversalGlobal> = {
  async check(_, news) {
    assertOwnDirectory(news.directory, `the global control plane ${news.name}`);
    assertKept(news);
    return news;
  },
  async diff(_, olds, news) {
    const global = new ControlPlaneProcess(olds.directory);
    // one that an earlier version started has everybody on this machine for its admin
    const isUp = global.isRunning() && adminTokenOf(global) !== undefined;
    return { changes: changedInputs(olds, news).length > 0 || !isUp };
  },
  create: async (inputs) => ({ id: inputs.name, outs: await run(inputs) }),
  update: (_, __, news) => run(news),
  delete: (_, { directory }) => new ControlPlaneProcess(directory).remove(),
};

async function run(inputs: Inputs): Promise<Outputs> {
  const global = new ControlPlaneProcess(inputs.directory);
  const paths = [global.file("kds-server.crt"), global.file("kds-server.key")] as const;
  const settings = await processSettings(inputs, globalEnvironment(...paths, inputs.makesMesh));
  // a control plane reads its certificate only once
  await global.stop();
  await ensureAdminAccess(global);
  global.writeFile("kds-server.crt", inputs.kdsCert);
  global.writeFile("kds-server.key", inputs.kdsKey);
  await global.start(settings);
  const api = global.open("the global control plane");
  try {
    const info = await api.info();
    assertSupported(api, info);
    return { ...inputs, product: info.product, version: info.version, standIn: isStandIn(settings) };
  } finally {
    api.close();
  }
}
