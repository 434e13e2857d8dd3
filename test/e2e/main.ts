import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { UsageError, messageOf } from "../../cli/terminal/errors";
import type { StatusReport } from "../../cli/status/report";
import { KumaError, assertTlsVerified } from "../../kuma";
import { standaloneValues } from "../../platforms/kubernetes/helm/federationValues";
import { isFederatedRelease, type HelmRelease } from "../../platforms/kubernetes/helm/helmRelease";
import { namesOf } from "../../platforms/kubernetes/products";
import { ROOT, Sandbox } from "../integration/support";
import { USAGE, parseArguments, stackOf, type Arguments } from "./arguments";
import { Checks } from "./checks";
import { Probe } from "../../cli/drills/probe";
import { Side } from "./side";

const STACK = "e2e";
const POLICY = "demo-app-to-redis";
/** Milliseconds for KDS to take a policy to the other side. */
const SYNC_MS = 60_000;
const EXIT_FAILED = 1;
const EXIT_ERROR = 2;

async function main(): Promise<number> {
  const given = process.argv.slice(2);
  if (given.some((arg) => arg === "--help" || arg === "-h")) {
    console.log(USAGE);
    return 0;
  }
  const args = parseArguments(given);
  assertTlsVerified();
  process.chdir(ROOT);
  const [zone, global] = await Promise.all([
    Side.open(args.zoneContext, args),
    Side.open(args.globalContext, args),
  ]);
  const sandbox = new Sandbox();
  const probe = args.probeUrl === undefined ? undefined : new Probe(args.probeUrl);
  const checks = new Checks();
  try {
    const before = await aloneRelease(zone, args);
    sandbox.writeStack(STACK, JSON.parse(JSON.stringify(stackOf(args))) as Record<string, unknown>);
    const content = await zone.content();
    await federate(checks, sandbox, { zone, global, before, args });
    await watch(checks, probe, args);
    await takeBack(checks, sandbox, { zone, before, content, args });
  } finally {
    await probe?.stop();
    zone.close();
    global.close();
    // takes down what a failure has left
    await sandbox.run("destroy", "--stack", STACK);
    await sandbox.remove();
  }
  console.log(checks.summary);
  return checks.failed > 0 ? EXIT_FAILED : 0;
}

async function aloneRelease(zone: Side, { zoneContext, product }: Arguments): Promise<HelmRelease> {
  const release = await zone.release();
  if (!release) {
    throw new UsageError(
      `There is no Helm release in namespace ${zone.namespace} of ${zoneContext}; install a zone first.`,
    );
  }
  if (isFederatedRelease(release, namesOf(product).valuesKey)) {
    throw new UsageError(`The zone in ${zoneContext} is federated already; take it off its global first.`);
  }
  return release;
}

interface Federation {
  zone: Side;
  global: Side;
  before: HelmRelease;
  args: Arguments;
}

async function federate(
  checks: Checks,
  sandbox: Sandbox,
  { zone, global, before, args }: Federation,
): Promise<void> {
  const { valuesKey } = namesOf(args.product);
  await checks.check("preview shows the plan, and writes nothing", async () => {
    const fingerprints = () => Promise.all([zone.fingerprint(), global.fingerprint()]);
    const untouched = await fingerprints();
    assert.match(await run(sandbox, "preview"), /create: Mesh /);
    assert.deepEqual(await fingerprints(), untouched);
  });
  const isUp = await checks.check("up federates the zone", async () => void (await run(sandbox, "up")));
  if (!isUp) return;

  await checks.check("status finds the zone online and both sides equal", async () => {
    const { ok, zones } = JSON.parse(await run(sandbox, "status", "--output", "json")) as StatusReport;
    assert.deepEqual(
      zones.map(({ name, online, globalToZone, zoneToGlobal }) => ({
        name,
        online,
        globalToZone,
        zoneToGlobal,
      })),
      [{ name: args.zone, online: true, globalToZone: true, zoneToGlobal: true }],
    );
    assert.equal(ok, true);
  });
  await checks.check(`the MeshCircuitBreaker ${POLICY} of the global is seen in the zone`, () =>
    until(async () => (await zone.policyNames("meshcircuitbreakers")).includes(POLICY)),
  );
  for (const [from, to, labels, way] of [
    [global, zone, {}, "from the global to the zone"],
    [zone, global, { "kuma.io/origin": "zone" }, "from the zone to the global"],
  ] as const) {
    await checks.check(`a policy goes ${way}, and away again`, async () => {
      const name = `e2e-marker-${Date.now().toString(36)}`;
      const isThere = async () => (await to.policyNames("meshtimeouts")).includes(name);
      await from.addMarker(name, labels);
      try {
        await until(isThere);
      } finally {
        await from.removeMarker(name);
      }
      await until(async () => !(await isThere()));
    });
  }

  const kept = "the values of the zone's release are kept";
  if (Object.keys(before.values).length === 0) checks.skip(kept, "it was installed without any");
  else {
    await checks.check(kept, async () => {
      const live = (await zone.release())?.values ?? {};
      assert.ok(
        isSame(standaloneValues(live, before.values, valuesKey), before.values),
        "they are others by now",
      );
    });
  }
  await checks.check("up again changes nothing", async () => {
    const { revision } = (await zone.release()) ?? {};
    assert.match(await run(sandbox, "up"), /nothing to do: everything is as it should be/);
    assert.equal((await zone.release())?.revision, revision);
  });
}

async function watch(checks: Checks, probe: Probe | undefined, { watch: seconds }: Arguments): Promise<void> {
  const what = "no call fails while the zone is federated";
  if (!probe) return checks.skip(what, "no --probe-url is given");
  console.log(`watching for ${seconds} s`);
  await sleep(seconds * 1000);
  await checks.check(what, async () => {
    const { made, failed, failures } = await probe.stop();
    console.log(`${failed} of ${made} calls failed`);
    assert.ok(made > 0, "none was made");
    assert.equal(failed, 0, `${failed} of ${made} failed, the first: ${failures.join("; ")}`);
  });
}

async function takeBack(
  checks: Checks,
  sandbox: Sandbox,
  { zone, before, content, args }: Omit<Federation, "global"> & { content: Record<string, string> },
): Promise<void> {
  await checks.check("destroy takes the zone back", async () => void (await run(sandbox, "destroy")));
  await checks.check("the zone's release has the values that it had", async () => {
    const live = (await zone.release())?.values;
    // a value may hold a secret: not in a message
    assert.ok(isSame(live, before.values), "they are others by now");
  });
  await checks.check("the zone runs alone, with its meshes, secrets and policies as before", async () => {
    const { multizone } = await zone.api<{ multizone?: { zone?: { globalAddress?: string } } }>("/config");
    assert.equal(multizone?.zone?.globalAddress ?? "", "", `zone ${args.zone} still dials a global`);
    assert.deepEqual(await zone.content(), content);
  });
}

/** Runs a command of the project, and gives what it prints to standard output; fails with all of it. */
async function run(sandbox: Sandbox, command: string, ...more: string[]): Promise<string> {
  console.log(`running  npm run ${command}`);
  const { status, stdout, output } = await sandbox.run(command, "--stack", STACK, ...more);
  if (status !== 0) throw new Error(`${command} ended with status ${status}:\n${output}`);
  return stdout;
}

/** Whether two values have the same content, in whatever order of keys. */
function isSame(a: unknown, b: unknown): boolean {
  try {
    assert.deepStrictEqual(a, b);
    return true;
  } catch {
    return false;
  }
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + SYNC_MS;
  while (!(await isSo())) {
    if (Date.now() > deadline) throw new Error(`it did not come within ${SYNC_MS / 1000} s`);
    await sleep(1_000);
  }
}

main().then(
  (status) => (process.exitCode = status),
  (error) => {
    console.error(`error: ${error instanceof KumaError ? error.message : messageOf(error)}`);
    process.exitCode = EXIT_ERROR;
  },
);
