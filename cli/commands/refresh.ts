import { enumerated } from "../../kuma";
import type { StackConfig } from "../../stack/config";
import type { Arguments } from "../commandLine/arguments";
import { useKonnectThatRuns } from "../local/controlPlanes";
import { assertBegun, notUp } from "../stack/standing/begun";
import { Drifted, driftIn, exportDeployment, isEmpty } from "../stack/deployment";
import type { DriftReport } from "../drift/report";
import { run } from "../stack/operation";
import { withoutSecrets } from "../stack/file/stackFile";
import { openWithEngine } from "../stack/workspace";
import { print } from "../terminal/print";

const EXIT_NO_DRIFT = 0;
const EXIT_DRIFT = 1;
const EXIT_NOTHING_LOOKED_AT = 3;
const OWN = " (the stack's own, which npm run up puts back)";

/** Has the state tell what this program brought to the global and is missing or changed there; changes nothing there. */
export async function refresh(
  root: string,
  { stack: name, output }: Arguments,
  config: StackConfig,
): Promise<number> {
  // first, as to look with the engine would make the stack
  assertBegun(root, name);
  const stack = await openWithEngine(root, name, withoutSecrets);
  if (isEmpty(await exportDeployment(stack))) throw notUp(name);
  useKonnectThatRuns(name);
  const isJson = output === "json";
  if (!isJson) print(`Refreshing stack ${name}; nothing is written to a control plane:`);
  const engine = await stack.operations();
  await run((progress, signal) => engine.refresh({ onEvent: progress.onEvent, signal }), { silent: true });
  const { drift, looked } = driftIn(await exportDeployment(stack));
  // the stack's own policies, and objects in clusters, are what it says: what is wanted otherwise is written there
  const isAccepted = ({ key, isOwn }: Drifted) => !isOwn && config.acceptDifferences.includes(key);
  const left = drift.filter((each) => !isAccepted(each));
  if (isJson) {
    const outcome = looked === 0 ? "nothing" : left.length === 0 ? "same" : "drift";
    const found = drift.map((each) => ({
      ...{ key: each.key, kind: each.kind, own: each.isOwn },
      accepted: isAccepted(each),
    }));
    const report: DriftReport = { version: 1, stack: name, outcome, error: null, drift: found };
    print(JSON.stringify(report, undefined, 2));
    return { nothing: EXIT_NOTHING_LOOKED_AT, same: EXIT_NO_DRIFT, drift: EXIT_DRIFT }[outcome];
  }
  if (looked === 0) {
    print("  nothing was carried, handed over or written by the stack yet, so there is nothing to compare");
    return EXIT_NOTHING_LOOKED_AT;
  }
  for (const { key, kind, isOwn } of left) print(`  ${kind}: ${key}${isOwn ? OWN : ""}`);
  const accepted = drift.filter(isAccepted).map(({ key, kind }) => `${key} (${kind})`);
  if (accepted.length > 0) print(`  accepted as it is (acceptDifferences): ${enumerated(accepted)}`);
  if (left.some(({ isOwn }) => !isOwn))
    print(
      `  npm run up does about it what the setting onDrift says (${config.onDrift}). What you want as it is, name in the setting acceptDifferences`,
    );
  if (left.length === 0)
    print(
      `  everything${accepted.length > 0 ? " else" : ""} that was carried, handed over or written by the stack is on the global as it was`,
    );
  return left.length === 0 ? EXIT_NO_DRIFT : EXIT_DRIFT;
}
