import { ControlPlane, ControlPlaneInfo, assertSupported } from "../../kuma";
import { ControlPlaneProcess } from "../../platforms/universal/controlPlaneProcess";
import { globalEnvironment } from "../../platforms/universal/environment";
import { UniversalArgs, isStandIn, processSettings } from "../../platforms/universal/settings";
import { Handler, changedInputs } from "../handler";

interface Inputs extends UniversalArgs {
  /** Certificate and key (secret) of the KDS server, PEM. */
  kdsCert: string;
  kdsKey: string;
  /** It makes the mesh `default` at its first start. */
  makesMesh?: boolean;
}

interface Outputs extends Inputs, Pick<ControlPlaneInfo, "product" | "version"> {
  standIn: boolean;
}

export const universalGlobal: Handler<Inputs, Outputs> = {
  diff: async (_, olds, news) => ({
    changes: changedInputs(olds, news).length > 0 || !new ControlPlaneProcess(olds.directory).isRunning(),
  }),
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
  global.writeFile("kds-server.crt", inputs.kdsCert);
  global.writeFile("kds-server.key", inputs.kdsKey);
  await global.start(settings);
  const api = new ControlPlane({ title: "the global control plane", url: global.apiUrl });
  try {
    const info = await api.info();
    assertSupported(api, info);
    return { ...inputs, product: info.product, version: info.version, standIn: isStandIn(settings) };
  } finally {
    api.close();
  }
}
