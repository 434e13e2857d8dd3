import * as path from "node:path";
import { KumaError } from "../../kuma";
import { capital } from "../../kuma/printable";
import { isKnown } from "./handler";
import { ofOneRun } from "./oneRun";

const owners = ofOneRun(new Map<string, string>());

/** Fails where another control plane of this run is to have its files in the directory too: each would end the other's process. */
export function assertOwnDirectory(directory: string, owner: string): void {
  if (!isKnown(directory)) return;
  const place = path.resolve(directory);
  const other = owners.get(place) ?? owner;
  owners.set(place, other);
  if (other === owner) return;
  throw new KumaError(
    "invalid",
    `${capital(owner)} and ${other} are to have the same directory, ${directory}. Nothing of ${owner} was changed. ` +
      `Give one of them another name, or another directory.`,
  );
}
