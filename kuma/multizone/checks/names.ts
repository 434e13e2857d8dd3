import { objectIn, objectsIn, valueAt } from "../../api/json";
import {
  NAMESPACE_LABEL,
  ORIGIN_LABEL,
  Resource,
  ZONE_LABEL,
  displayName,
  keyOf,
} from "../../resource/resource";
import { MultiZone, ofType } from "../world";
import { MultiZoneCheck, unless } from "./check";

const SELECTORS = [
  ["meshService", "MeshService"],
  ["meshExternalService", "MeshExternalService"],
  ["meshMultiZoneService", "MeshMultiZoneService"],
] as const;

/** Of a template all that this program knows how to fill in; what is left of it is not judged. */
const FIELD = /\{\{-?\s*(?:\.(Name|DisplayName|Namespace|Mesh|Zone)|label\s+"([^"]+)")\s*-?\}\}/g;

type Labelled = Resource & { labels: Partial<Record<string, string>> };

/**
 * The name that a HostnameGenerator makes of a service, as the control plane of `zone` does (Kuma v2.14.3,
 * pkg/core/resources/apis/hostnamegenerator/hostname/generator.go, EvaluateTemplate); undefined where that is not known.
 */
function nameBy(template: string, service: Labelled, zone: string): string | undefined {
  const name = template.replace(
    FIELD,
    (written: string, field: string | undefined, label: string) =>
      (field === undefined ? service.labels[label] : fieldOf(field, service, zone)) ?? written,
  );
  return name.includes("{{") ? undefined : name;
}

function fieldOf(field: string, service: Labelled, zone: string): string | undefined {
  const { labels, mesh, name } = service;
  return {
    Name: name,
    DisplayName: displayName(service),
    Namespace: labels[NAMESPACE_LABEL] ?? "",
    Mesh: mesh,
    Zone: labels[ZONE_LABEL] ?? zone,
  }[field];
}

/** In a zone its own services count as the zone's, and those of others as the global's. */
function labelsIn(zone: string, { type, labels = {} }: Resource): Record<string, string> {
  const owner = type === "MeshMultiZoneService" ? undefined : labels[ZONE_LABEL];
  return { ...labels, [ORIGIN_LABEL]: owner === zone ? "zone" : "global" };
}

function selects(selector: unknown, labels: Record<string, string>): boolean {
  if (selector === undefined) return false;
  return Object.entries(objectIn(valueAt(selector, "matchLabels")) ?? {}).every(
    ([key, value]) => labels[key] === value,
  );
}

export const hostnames: MultiZoneCheck = {
  code: "hostnames-once",
  title: "No two services get the same name from HostnameGenerators",
  look(at) {
    const zones = at.zones.map(({ name }) => name);
    const doubled = new Set<string>();
    const unknown = new Set<string>();
    for (const zone of zones) for (const each of doubledIn(zone, at, unknown)) doubled.add(each);
    // what a control plane itself has seen
    for (const service of ofType(at, "MeshService", "MeshExternalService", "MeshMultiZoneService"))
      for (const generator of objectsIn(valueAt(service, "status", "hostnameGenerators")))
        if (objectsIn(generator.conditions).some(({ reason }) => reason === "Collision"))
          doubled.add(`${keyOf(service)}: its control plane tells of a collision`);
    if (doubled.size === 0 && unknown.size > 0)
      return {
        verdict: "inconclusive",
        sentence:
          "A HostnameGenerator has a template that this program cannot fill in, so that it is not certain that each name is made once.",
        evidence: [...unknown].sort(),
        remedy:
          "See in the status of the services whether their names collide (hostnameGenerators, reason Collision).",
      };
    return unless(
      [...doubled].sort(),
      "Each service has names of its own.",
      "HostnameGenerators make one name for several services: it goes to the one that was there first, and the others are without.",
      "Have the template tell them apart, for example by {{ .Zone }} or {{ .Namespace }}, or the selector take only some of them.",
    );
  },
};

/** Each kind of service by itself, as Kuma does; a name is one mesh's. */
function doubledIn(zone: string, at: MultiZone, unknown: Set<string>): string[] {
  const generators = ofType(at, "HostnameGenerator").filter(({ labels }) => {
    const owner = labels?.[ORIGIN_LABEL] === "zone" ? labels[ZONE_LABEL] : undefined;
    return owner === undefined || owner === zone;
  });
  return SELECTORS.flatMap(([field, type]) => {
    const made = new Map<string, Map<string, string>>();
    for (const service of ofType(at, type)) {
      const labels = labelsIn(zone, service);
      for (const generator of generators) {
        const template = valueAt(generator, "spec", "template");
        if (typeof template !== "string" || !selects(valueAt(generator, "spec", "selector", field), labels))
          continue;
        const name = nameBy(template, { ...service, labels }, zone);
        if (name === undefined) {
          // Kuma itself makes none where a label is missing
          if (template.replace(FIELD, "").includes("{{")) unknown.add(`${keyOf(generator)}: ${template}`);
          continue;
        }
        const key = `${name} in mesh ${service.mesh}`;
        const services = made.get(key) ?? new Map<string, string>();
        made.set(key, services.set(keyOf(service), displayed(service)));
      }
    }
    return [...made]
      .filter(([, services]) => services.size > 1)
      .map(([name, services]) => `${name}, in zone ${zone}: ${[...services.values()].sort().join(" and ")}`);
  });
}

function displayed(service: Resource): string {
  const zone = service.labels?.[ZONE_LABEL];
  return `${service.type} ${displayName(service)}${zone === undefined ? "" : ` of zone ${zone}`}`;
}

export const multiZoneServices: MultiZoneCheck = {
  code: "multi-zone-services",
  title: "Each MeshMultiZoneService stands for MeshServices that are there",
  look(at) {
    const empty = ofType(at, "MeshMultiZoneService").flatMap((service) => {
      const selector = valueAt(service, "spec", "selector", "meshService");
      const inMesh = ofType(at, "MeshService").filter((each) => each.mesh === service.mesh);
      const matched = inMesh.filter((each) =>
        selects(selector, { ...each.labels, "kuma.io/display-name": displayName(each) }),
      );
      if (matched.length === 0) return [`${keyOf(service)}: no MeshService has the labels that it selects`];
      const offered = new Set(
        matched.flatMap((each) => objectsIn(valueAt(each, "spec", "ports")).map(({ port }) => port)),
      );
      const lacking = objectsIn(valueAt(service, "spec", "ports")).filter(({ port }) => !offered.has(port));
      return lacking.map(
        ({ port }) => `${keyOf(service)}: none of its MeshServices has port ${String(port)}`,
      );
    });
    return unless(
      empty,
      "Each MeshMultiZoneService stands for MeshServices that are there.",
      "A MeshMultiZoneService stands for nothing: its name leads nowhere.",
      "Have its selector take labels that the MeshServices have, and name their ports; the mesh needs meshServices.mode other than Disabled for there to be any.",
    );
  },
};
