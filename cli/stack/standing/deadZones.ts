import { enumerated, removeDeadZone } from "../../../kuma";
import { openControlPlane } from "../../../platforms/openControlPlane";
import { print } from "../../terminal/print";
import { Exported, exportDeployment, importDeployment } from "../deployment";
import type { EngineStack } from "../engineStack";
import { globalAccess, readStanding } from "./standing";

/**
 * Takes zones that died off their global and out of the state, so that the engine has nothing to ask of them: their way back
 * needs a control plane that answers. What they brought to the global is left to the engine, which goes by `onUndo`. May be
 * cut short and called again.
 */
export async function removeDeadZones(stack: EngineStack, names: readonly string[]): Promise<void> {
  const standing = await readStanding(stack);
  for (const name of names) {
    const zone = standing?.zones.find(({ zoneName }) => zoneName === name);
    if (!standing || !zone) {
      print(
        `Zone ${name}: nothing of it is left that is to be removed by force; take it out of the stack file.`,
      );
      continue;
    }
    const global = await openControlPlane(globalAccess(standing, zone), "the global control plane");
    try {
      const left = await removeDeadZone(global, name);
      print(`Zone ${name} is removed by force: the global has forgotten it, and what it owned.`);
      if (left.length > 0)
        print(`Warning: of zone ${name} the global still has ${enumerated(left)}; delete that there.`);
    } finally {
      global.close();
    }
  }
  const exported = await exportDeployment(stack);
  const without = names.reduce(withoutZone, exported);
  if (without !== exported) await importDeployment(stack, without);
}

type StateResource = NonNullable<Exported["deployment"]["resources"]>[number] & {
  custom?: boolean;
  parent?: string;
  dependencies?: string[];
  propertyDependencies?: Record<string, string[]>;
};

const OF_ZONE = ["ExistingZone", "FederationBridge", "ZoneControlPlane"];
/** Dynamic resources whose deletion asks nothing of the zone: what they do is done on the global, or on this machine. */
const ELSEWHERE =
  /:(GlobalWayBack|FederatedResources|KonnectZone|ZoneRegistration|ZoneOnGlobal|StandaloneZone)$/;

/** A state without what can only be deleted where a zone's control plane, its host or its cluster answers. */
export function withoutZone(exported: Exported, name: string): Exported {
  const resources = (exported.deployment.resources ?? []) as StateResource[];
  const of = new Map(resources.map((each) => [each.urn, each]));
  const isOfZone = (each: StateResource | undefined): boolean =>
    each !== undefined && (isComponentOf(each, name) || isOfZone(of.get(each.parent ?? "")));
  const gone = new Set(
    resources
      .filter((each) => each.custom && isOfZone(each) && !ELSEWHERE.test(typeOf(each)))
      .map(({ urn }) => urn),
  );
  if (gone.size === 0) return exported;
  const there = (urns: string[] | undefined) => urns?.filter((urn) => !gone.has(urn));
  const kept = resources
    .filter(({ urn }) => !gone.has(urn))
    .map((each) => ({
      ...each,
      ...(each.dependencies && { dependencies: there(each.dependencies) }),
      ...(each.propertyDependencies && {
        propertyDependencies: Object.fromEntries(
          Object.entries(each.propertyDependencies).map(([input, urns]) => [input, there(urns)]),
        ),
      }),
    }));
  return { ...exported, deployment: { ...exported.deployment, resources: kept } };
}

function typeOf({ urn }: StateResource): string {
  return urn.split("::")[2].split("$").at(-1) ?? "";
}

function isComponentOf({ urn }: StateResource, zone: string): boolean {
  const [, , types, name] = urn.split("::");
  const isDemo = types.endsWith(":DemoWorkload") || types.endsWith(":KubernetesObjects");
  return (
    OF_ZONE.some((each) => types === `kuma-federation:index:${each}` && name === zone) ||
    (isDemo && (name === `${zone}-demo` || name === `${zone}-demo-objects`))
  );
}
