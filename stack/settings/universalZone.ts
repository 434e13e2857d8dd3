import { namesOf } from "../../platforms/kubernetes/products";
import type { UniversalZoneConfig } from "./controlPlanes";

/** What a zone on this machine is started with; apart, as commands start it before they load Pulumi's SDK. */
export function standaloneZoneArgs(zone: UniversalZoneConfig) {
  const { name, directory, portBase, kumaCp, store, postgres, content, product } = zone;
  const portSetting = `portBase of zone ${name}`;
  const given = { ...(postgres && { postgres }), ...(product && { product: namesOf(product).title }) };
  return { name, directory, portBase, kumaCp, store, content, portSetting, ...given };
}
