import * as fs from "node:fs";
import * as path from "node:path";
import { ControlPlaneProcess } from "../../platforms/universal/controlPlaneProcess";
import { describeOpenPorts } from "../../platforms/universal/openPorts";
import { stackDirectory } from "../../stack/directory";
import { print } from "../terminal/print";

export function tellOpenPorts(root: string, stack: string): void {
  // set by scripts/ownNetwork.js
  if (process.env.KUMA_FEDERATION_OWN_NETWORK === "true") {
    print("Open ports   none: this stack runs in a network of its own");
    return;
  }
  const directories = processDirectories(path.resolve(root, stackDirectory(stack)));
  const settings = directories.map((directory) => new ControlPlaneProcess(directory).settings());
  const told = describeOpenPorts(settings.filter((each) => each !== undefined));
  if (told !== undefined) print(`Open ports   ${told}`);
}

/** Stops what still runs for a stack, whatever its settings say by now, and removes its directories. */
export async function removeProcesses(root: string, stack: string): Promise<void> {
  const directory = path.resolve(root, stackDirectory(stack));
  for (const found of processDirectories(directory)) await new ControlPlaneProcess(found).remove();
}

/** Where control planes of the stack run on this machine, see `describeTakingDown`. */
export function placesHere(root: string, stack: string): string[] {
  const directory = path.resolve(root, stackDirectory(stack));
  const places = processDirectories(directory).map((each) => path.relative(directory, each));
  return places.filter((place) => /^(global|konnect|zones\/[^/]+)$/.test(place)).sort();
}

/** Below a directory, those of control planes that were started and not stopped since. */
function processDirectories(directory: string): string[] {
  if (!fs.existsSync(directory)) return [];
  const files = fs.readdirSync(directory, { recursive: true, encoding: "utf8" });
  // one that was started by a run that was killed at that moment has its settings alone, until it is looked for
  return [
    ...new Set(
      files
        .filter((file) => /^(pid|settings\.json)$/.test(path.basename(file)))
        .map((file) => path.dirname(file)),
    ),
  ]
    .map((place) => path.join(directory, place))
    .filter((place) => fs.existsSync(path.join(place, "pid")) || new ControlPlaneProcess(place).isRunning());
}
