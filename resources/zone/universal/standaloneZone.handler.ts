import { ControlPlaneProcess } from "../../../platforms/universal/controlPlaneProcess";
import { passwordEnvironment } from "../../../platforms/universal/postgresStore";
import { assertKept } from "../../../platforms/universal/settings";
import { ensureStandaloneZone, isStandaloneZoneUp } from "../../../platforms/universal/zone/standaloneZone";
import { changedInputs } from "../../provider/handler";
import { assertOwnDirectory } from "../../provider/ownDirectory";
import type { HandlerOf } from "../../provider/resource";
import type { StandaloneZone } from "./standaloneZone";
import { keep } from "../../../platforms/universal/temporary";

export const standaloneZone: HandlerOf<typeof StandaloneZone> = {
  async check(_, news) {
    assertOwnDirectory(news.directory, `zone ${news.name}`);
    assertKept(news);
    // known before anything is done; it would be missed only when the zone is restarted
    if (news.postgres) passwordEnvironment(news.postgres, news.name);
    return news;
  },
  diff: async (_, olds, news) => ({
    changes: changedInputs(olds, news).length > 0 || !(await isStandaloneZoneUp(olds)),
  }),
  async create(inputs) {
    keep(new ControlPlaneProcess(inputs.directory));
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
