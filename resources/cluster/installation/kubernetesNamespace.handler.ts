import { deleteNamespace, ensureNamespace, isOwn, isReady } from "../../../platforms/kubernetes/namespace";
import { readObject } from "../../../platforms/kubernetes/stackObjects";
import { withCluster } from "../../../platforms/kubernetes/withCluster";
import { isClusterKnown } from "../../connections";
import { changedInputs } from "../../provider/handler";
import type { HandlerOf, InputsOf } from "../../provider/resource";
import { say } from "../../provider/say";
import type { KubernetesNamespace } from "./kubernetesNamespace";

type Inputs = InputsOf<typeof KubernetesNamespace>;

/** The namespace of a control plane. One that others have made is used, and stays when the stack goes. */
export const kubernetesNamespace: HandlerOf<typeof KubernetesNamespace> = {
  async diff(_, olds, news) {
    const changed = changedInputs(olds, news);
    if (changed.includes("namespace")) return { changes: true, replaces: ["namespace"] };
    if (changed.length > 0 || !isClusterKnown(news)) return { changes: true };
    return { changes: !(await withCluster(news, (cluster) => isReady(cluster, news.namespace))) };
  },

  create: async (inputs) => ({
    id: inputs.namespace,
    outs: { ...inputs, found: await isFound(inputs) },
  }),

  async update(_, { found }, news) {
    const isMade = await withCluster(news, (cluster) => ensureNamespace(cluster, news.namespace));
    return { ...news, found: found && !isMade };
  },

  async delete(_, { found, ...inputs }) {
    const { namespace, role } = inputs;
    if (found) say(`${role}: namespace ${namespace} was there before the stack, and stays`);
    else await withCluster(inputs, (cluster) => deleteNamespace(cluster, namespace));
  },
};

/** What a run has made that was killed before it could note it is the stack's. */
function isFound({ namespace, ...reference }: Inputs): Promise<boolean> {
  return withCluster(reference, async (cluster) => {
    const live = await readObject(cluster, { kind: "Namespace", name: namespace });
    await ensureNamespace(cluster, namespace);
    return live !== undefined && !isOwn(live);
  });
}
