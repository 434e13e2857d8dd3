import { CheckResult, KumaError, describeFinding } from "../../kuma";
import { isPreflight, writeReport } from "../options/preflightMode";

/** Something in a cluster that keeps the stack from making what it is to make there. */
export interface Obstacle {
  sentence: string;
  remedy: string;
}

/** Where the stack makes something. */
export interface Place {
  context: string;
  /** Of the control plane that it is for: `global`, `zone zone-1`. */
  role: string;
  /** The zones that cannot be federated without it. */
  zones: string[];
}

/** Helm would say that the name is in use, after the stack has made what comes before the release. */
export function releaseOfOthers(context: string, namespace: string, release: string): Obstacle {
  return {
    sentence: `Release ${release} in namespace ${namespace} is there already, and was not installed by this stack.`,
    remedy:
      `Give another cluster; or, if it is not needed any more, "helm uninstall ${release} -n ${namespace} --kube-context ${context}". ` +
      `A zone that is in use is adopted with install: adopt.`,
  };
}

const CODE = "cluster-objects";
const TITLE = "Nothing stands in the way of what the stack makes in the clusters";

/** Fails with what was found; a preflight writes it down instead, for each zone that it matters to. */
export function tellObstacles(obstacles: readonly Obstacle[], { role, context, zones }: Place): void {
  const where = `In the cluster of context ${context} (${role})`;
  const found = obstacles.map(({ sentence, remedy }): CheckResult => ({
    code: CODE,
    title: TITLE,
    verdict: "blocker",
    sentence: `${where}: ${sentence}`,
    evidence: [],
    remedy,
  }));
  if (isPreflight()) {
    const sentence = `${where}: nothing stands in the way of what the stack makes.`;
    const ok: CheckResult = { code: CODE, title: TITLE, verdict: "ok", sentence, evidence: [] };
    for (const zone of zones) writeReport({ zone, checks: found.length > 0 ? found : [ok] });
  } else if (found.length > 0) {
    throw new KumaError(
      "conflict",
      `${found.map(describeFinding).join("\n")}\n    What is there was not changed.`,
    );
  }
}
