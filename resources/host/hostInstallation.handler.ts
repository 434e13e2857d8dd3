import { uninstallOwn } from "../../platforms/universal/install/installation";
import { changedInputs } from "../provider/handler";
import type { HandlerOf } from "../provider/resource";
import type { HostInstallation } from "./hostInstallation";
import { replacesUnit, withUnitHost } from "./hostPlace";

export const hostInstallation: HandlerOf<typeof HostInstallation> = {
  diff: async (_, olds, news) => ({
    changes: changedInputs(olds, news).length > 0,
    replaces: replacesUnit(olds, news).replaces,
  }),
  // whether there is room is told by what is installed
  create: async (inputs) => ({ id: inputs.url, outs: inputs }),
  update: async (_, __, news) => news,
  // a unit that came to its end is taken away before
  delete: (_, { runsAs: user, title, owner, archive, removesData, ...access }) =>
    withUnitHost(access, (host, unit) =>
      uninstallOwn(host, { unit, title, owner, user, archive }, removesData),
    ),
};
