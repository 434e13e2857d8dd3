import {
  ControlPlane,
  StoredDigests,
  assertPoliciesWritable,
  deleteResources,
  driftOf,
  enumerated,
  foundFor,
  isKumaError,
  keyOf,
  parseKey,
  policiesFor,
  readDigests,
  writeFound,
} from "../../kuma";
import { withGlobal } from "../connections";
import { globalGoes } from "../options/undoMode";
import { ChangedInput, changedInputs, isKnown } from "../provider/handler";
import { say } from "../provider/say";
import type { HandlerOf, InputsOf, StateOf } from "../provider/resource";
import { foretellPolicies, foretellRewritten } from "./foretell";
import type { MeshPolicies } from "./meshPolicies";
import { leftOpen } from "../options/planRun";

type Inputs = InputsOf<typeof MeshPolicies>;
type Outputs = StateOf<typeof MeshPolicies>;

/** Policies of the stack on the global; KDS takes them to the zones. */
export const meshPolicies: HandlerOf<typeof MeshPolicies> = {
  async check(olds, news) {
    // unknown also while a global that was there is to be installed anew or upgraded
    const version = isKnown(news.globalVersion) ? news.globalVersion : olds.globalVersion;
    const policies = policiesFor(news.available, version ?? "");
    if (JSON.stringify(policies) !== JSON.stringify(olds.policies ?? []))
      say(`policies to write to the global: ${enumerated(policies.map(keyOf)) || "none"}`);
    await foretellPolicies(olds.policies ?? [], policies, news);
    // which of them are for the global's version is not known before it runs
    return { ...news, policies, ...(version === undefined && leftOpen("policies")) };
  },

  async diff(_, olds, news) {
    // what is deleted is deleted at the address of the state
    const wanted: ChangedInput<Inputs>[] = ["policies", "global.url", "global.kubeconfig", "global.ca"];
    if (changedInputs(olds, news).some((name) => wanted.includes(name))) return { changes: true };
    try {
      const stored = await withGlobal(news, (global) =>
        readDigests(global, Object.keys(olds.stored).map(parseKey)),
      );
      await foretellRewritten(olds.stored, stored, news);
      return { changes: Object.entries(olds.stored).some(([key, digest]) => stored[key] !== digest) };
    } catch (error) {
      // the control plane is away: what brings it back comes first, then the policies are written again
      if (isKumaError(error)) return { changes: true };
      throw error;
    }
  },

  create: (inputs) =>
    withGlobal(inputs, async (global) => ({ id: inputs.global.url, outs: await written(global, inputs) })),

  update: (_, olds, news) =>
    withGlobal(news, async (global) => {
      const outs = await written(global, news);
      const dropped = Object.entries(olds.stored).filter(([key]) => outs.stored[key] === undefined);
      await removed(global, Object.fromEntries(dropped));
      return outs;
    }),

  async delete(_, { stored, ...connection }) {
    // also a global that does not answer any more
    if (globalGoes()) return;
    await withGlobal(connection, (global) => removed(global, stored));
  },

  // what was found is put back by the next up
  read: (_, props) =>
    withGlobal(props, async (global) => {
      const { stored, drift: _before, ...inputs } = props;
      return { props: { ...props, drift: await driftOf(global, stored) }, inputs };
    }),
};

/** What somebody changed since is somebody's, and stays. */
async function removed(global: ControlPlane, stored: StoredDigests): Promise<void> {
  const changed = await deleteResources(global, stored);
  if (changed.length > 0)
    say(`policies left on the global, as they were changed there: ${enumerated(changed)}`);
}

async function written(global: ControlPlane, inputs: Inputs): Promise<Outputs> {
  const found = foundFor(inputs.available, inputs.globalVersion);
  await assertPoliciesWritable(found, global);
  const policies = found.map(({ resource }) => resource);
  return { ...inputs, policies, stored: await writeFound(global, found), drift: {} };
}
