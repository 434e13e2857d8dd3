import { ControlPlaneProcess } from "../../platforms/universal/controlPlaneProcess";
import {
  StandaloneZoneArgs,
  ensureStandaloneZone,
  isStandaloneZoneUp,
} from "../../platforms/universal/standaloneZone";
import { Handler, changedInputs } from "../handler";

export const standaloneZone: Handler<StandaloneZoneArgs, StandaloneZoneArgs> = {
  diff: async (_, olds, news) => ({
    changes: changedInputs(olds, news).length > 0 || !isStandaloneZoneUp(olds),
  }),
  async create(inputs) {
    await ensureStandaloneZone(inputs);
    return { id: inputs.name, outs: inputs };
  },
  async update(_, olds, news) {
    if (olds.portBase !== news.portBase) await new ControlPlaneProcess(olds.directory).stop();
    await ensureStandaloneZone(news);
    return news;
  },
  delete: (_, { directory }) => new ControlPlaneProcess(directory).remove(),
};
