import { KumaError, assertSupported } from "../../kuma";
import { adminTokenOf, ensureAdminAccess } from "../../platforms/universal/adminAccess";
import { ControlPlaneProcess } from "../../platforms/universal/controlPlaneProcess";
import { globalEnvironment } from "../../platforms/universal/environment";
import { readIfThere } from "../../platforms/universal/files";
import { assertKept, isStandIn, processSettings } from "../../platforms/universal/settings";
import { changedInputs, isKnown } from "../provider/handler";
import { assertOwnDirectory } from "../provider/ownDirectory";
import type { HandlerOf, InputsOf, StateOf } from "../provider/resource";
import type { UniversalGlobal } from "./universalGlobal";

type Inputs = InputsOf<typeof UniversalGlobal>;
type Outputs = StateOf<typeof UniversalGlobal>;

export const universalGlobal: HandlerOf<typeof UniversalGlobal> = {
  async check(olds, news) {
    assertOwnDirectory(news.directory, `the global control plane ${news.name}`);
    assertKept(news);
    if (olds.directory === undefined) assertNotForgotten(news);
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

/**
 * Fails where the state knows nothing of a global that is there: with another certificate each zone that has joined it would be cut off.
 * One whose start was cut short has the certificate that the state holds.
 */
function assertNotForgotten({ name, directory, kdsCert }: Inputs): void {
  if (!isKnown(directory)) return;
  const served = readIfThere(new ControlPlaneProcess(directory).file("kds-server.crt"));
  if (served === undefined || served === kdsCert) return;
  throw new KumaError(
    "conflict",
    `The global control plane ${name} is there already (${directory}), and the state of the stack does not know it: it was lost, or is another one. ` +
      `With a certificate of this stack's each zone that has joined it would be cut off. Nothing of it was changed. ` +
      `Have the stack use the state that made it; or end its process and remove that directory, to begin anew.`,
  );
}

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
