import { Drift, isKumaError, zoneNames, zoneState } from "../../kuma";
import { KubernetesCluster, KubernetesObject } from "../../platforms/kubernetes/cluster";
import { readRelease } from "../../platforms/kubernetes/helm/helmRelease";
import { isOwn } from "../../platforms/kubernetes/namespace";
import {
  StackObject,
  changedFields,
  isOfRelease,
  isPulumis,
  mustBeAnother,
  nameOf,
  readObject,
} from "../../platforms/kubernetes/stackObjects";
import { withCluster } from "../../platforms/kubernetes/withCluster";
import { isClusterKnown, withGlobal } from "../connections";
import { changedInputs } from "../provider/handler";
import { Obstacle, releaseOfOthers, tellObstacles } from "./obstacles";
import { say } from "../provider/say";
import type { HandlerOf, InputsOf, StateOf } from "../provider/resource";
import type { KubernetesObjects } from "./kubernetesObjects";

type Inputs = InputsOf<typeof KubernetesObjects>;
type Outputs = StateOf<typeof KubernetesObjects>;

type Live = ReadonlyMap<string, KubernetesObject | undefined>;

/**
 * Looks at the objects that the stack makes in a cluster, before any of them is made, and changes nothing. The engine
 * compares what the program says with what it said the last time, and not with the cluster: without this it would find
 * out in the middle of a run that somebody else has made such an object, or deleted or changed the stack's.
 */
export const kubernetesObjects: HandlerOf<typeof KubernetesObjects> = {
  async check(olds, news) {
    if (!isClusterKnown(news)) return news;
    const live = await look(news);
    const problems = [
      ...(olds.anew === undefined ? await ofOthers(news, live) : []),
      ...news.objects.flatMap((object) => (isNew(object, olds) ? inTheWay(object, live) : [])),
    ];
    const anew = { ...olds.anew };
    const again = { ...olds.again };
    for (const object of news.objects) {
      const key = nameOf(object);
      anew[key] ??= 0;
      const before = olds.objects?.find((each) => nameOf(each) === key);
      if (before === undefined) continue;
      const there = live.get(key);
      if (there === undefined) {
        say(`${news.role}: ${key} in the cluster of context ${news.context} is not there, and is made`);
        anew[key]++;
      } else if (mustBeAnother(before, object, there)) {
        problems.push(...(await dialled(object, news)));
        say(
          `${news.role}: ${key} in the cluster of context ${news.context} has another loadBalancerClass, which nobody can change, and is recreated`,
        );
        anew[key]++;
      } else {
        const changed = changedFields(before, there);
        if (changed.length === 0) continue;
        say(
          `${news.role}: ${key} in the cluster of context ${news.context} was changed by somebody else (${changed.join(", ")}), and is put back`,
        );
        again[key] = (again[key] ?? 0) + 1;
      }
    }
    tellObstacles(problems, news);
    return { ...news, anew, again };
  },

  diff: async (_, olds, news) => ({ changes: changedInputs(olds, news).length > 0 }),

  create: async (inputs) => ({ id: `${inputs.context}/${inputs.role}`, outs: asMade(inputs) }),

  update: async (_, __, news) => asMade(news),

  // they are deleted before
  delete: async () => {},

  async read(_, props) {
    const { drift: __, ...inputs } = props;
    const live = await look(props);
    const drift: Drift = {};
    for (const object of props.objects) {
      const there = live.get(nameOf(object));
      if (there === undefined) drift[nameOf(object)] = "missing";
      else if (changedFields(object, there).length > 0) drift[nameOf(object)] = "changed";
    }
    return { props: { ...props, drift }, inputs };
  },
};

function asMade({ anew = {}, again = {}, ...inputs }: Inputs): Outputs {
  return { ...inputs, anew, again, drift: {} };
}

function isNew(object: StackObject, { anew }: Partial<Inputs>): boolean {
  return anew?.[nameOf(object)] === undefined;
}

function look(inputs: Inputs): Promise<Live> {
  const { objects, ofRelease } = inputs;
  return withCluster(inputs, async (cluster) => {
    const own = objects.map(async (each) => [nameOf(each), await readObject(cluster, each)] as const);
    const others = (ofRelease?.objects ?? []).map(
      async (each) => [nameOf(each), await readIfAllowed(cluster, each)] as const,
    );
    return new Map(await Promise.all([...own, ...others]));
  });
}

/** What is outside of the stack's namespaces may not be shown to the account of a preview: then Helm tells of it, in `up`. */
async function readIfAllowed(cluster: KubernetesCluster, object: StackObject) {
  try {
    return await readObject(cluster, object);
  } catch (error) {
    if (isKumaError(error, "forbidden")) return undefined;
    throw error;
  }
}

/** An object that stands where the stack makes one of that name for the first time. */
function inTheWay(object: StackObject, live: Live): Obstacle[] {
  const there = live.get(nameOf(object));
  if (there === undefined) return [];
  if (there.metadata.deletionTimestamp !== undefined) {
    return [
      {
        sentence: `${nameOf(object)} is just being deleted.`,
        remedy: "Run it again when that has ended.",
      },
    ];
  }
  // what a run has made that was killed before it could note it is the stack's
  if (object.isShareable || isPulumis(there)) return [];
  return [
    {
      sentence: `${nameOf(object)} is there already, and was not made by this stack.`,
      remedy:
        "If it is left of something else that is not used any more, delete it; otherwise give another namespace or cluster.",
    },
  ];
}

/** Of another installation of a control plane: Helm would refuse to take them over, after the stack has made what comes before. */
async function ofOthers(inputs: Inputs, live: Live): Promise<Obstacle[]> {
  const { context, ofRelease, objects } = inputs;
  if (!ofRelease) return [];
  const { namespace, name } = ofRelease;
  const found = ofRelease.objects.filter((object) => {
    const there = live.get(nameOf(object));
    return there && !isPulumis(there) && !isOfRelease(there, ofRelease);
  });
  // in a namespace that this program has made, a release is the stack's (see kubernetesInstallation)
  const system = objects
    .map((object) => object.kind === "Namespace" && live.get(nameOf(object)))
    .find(Boolean);
  const isTaken =
    system &&
    !isOwn(system) &&
    (await withCluster(inputs, (cluster) => readRelease(cluster, namespace, name)));
  if (isTaken) return [releaseOfOthers(context, namespace, name)];
  if (found.length === 0) return [];
  return [
    {
      sentence: `${found.map(nameOf).join(", ")} ${found.length === 1 ? "is" : "are"} there already, of another installation of a control plane. A cluster holds one.`,
      remedy: "Uninstall the other one, or give another cluster.",
    },
  ];
}

/** A Service that zones are connected with cannot be recreated: they would lose their global, which gets another address. */
async function dialled(object: StackObject, inputs: Inputs): Promise<Obstacle[]> {
  const zones = await zonesOnline(inputs);
  if (zones.length === 0) return [];
  return [
    {
      sentence: `${nameOf(object)} has another loadBalancerClass than the setting kds.loadBalancerClass of the global says. Kubernetes lets nobody change that, and it is not recreated while zones are connected through it: ${zones.join(", ")}.`,
      remedy:
        "Take the setting back; or let these zones run alone first (federated: false, and up), and federate them again after the change.",
    },
  ];
}

async function zonesOnline({ global }: Inputs): Promise<string[]> {
  if (global === undefined) return [];
  try {
    return await withGlobal({ global }, async (controlPlane) => {
      const names = await zoneNames(controlPlane);
      const states = await Promise.all(names.map((name) => zoneState(controlPlane, name)));
      return names.filter((_, at) => states[at].online);
    });
  } catch (error) {
    // no control plane serves there, so that nothing is connected with it
    if (isKumaError(error, "unreachable")) return [];
    throw error;
  }
}
