import { KumaError, assertSupported } from "../../kuma";
import { type Admin, makeAdmin } from "../../platforms/universal/adminAccess";
import { type Role, answersAt, controlPlaneService } from "../../platforms/universal/install/controlPlane";
import {
  Installation,
  assertRoom,
  install,
  isInPlace,
  uninstall,
} from "../../platforms/universal/install/installation";
import { assertReachesGlobal } from "../../platforms/universal/install/newMember";
import { storeIdOf } from "../../platforms/universal/unit/look/storeId";
import { openControlPlane } from "../../platforms/openControlPlane";
import { changedInputs, isKnown } from "../provider/handler";
import type { HandlerOf, InputsOf, StateOf } from "../provider/resource";
import type { HostControlPlane } from "./hostControlPlane";
import { replacesUnit, withUnitHost } from "./hostPlace";
import { leftOpen } from "../options/planRun";

type Inputs = InputsOf<typeof HostControlPlane>;
type Outputs = StateOf<typeof HostControlPlane>;

export const hostControlPlane: HandlerOf<typeof HostControlPlane> = {
  /** What stands against it is told before anything is made, also in previews. */
  async check(olds, given) {
    const admin = adminOf(given) ?? adminOf(olds);
    const news = { ...given, admin: admin ?? (await makeAdmin()) };
    // one that is there was looked at, and is again by the diff
    const isThere = olds.url === news.url;
    if (!isThere && isKnown(news.url) && isKnown(news.ssh)) await assertRoomFor(news);
    const former = new Set((olds.others ?? []).map(({ url }) => url));
    for (const other of isKnown(news.others) ? (news.others ?? []) : []) {
      if (former.has(other.url)) await withUnitHost(other, (host) => host.run(["true"]));
      else await assertRoomFor({ ...news, ...other });
    }
    // a new one each time
    return { ...news, ...(admin === undefined && leftOpen("admin")) };
  },
  async diff(_, olds, news) {
    const how = replacesUnit(olds, news);
    if (how.replaces.length > 0 || changedInputs(olds, news).length > 0) return { changes: true, ...how };
    const isThere = await withUnitHost(news, (host, unit) => isInPlace(host, installationOf(unit, news)));
    return { changes: !isThere, ...how };
  },
  async create(inputs) {
    await assertGlobalWithinReach(inputs);
    return { id: inputs.url, outs: await run(inputs) };
  },
  update: (_, __, news) => run(news),
  delete: (_, inputs) => takeAway(inputs),
};

function assertRoomFor(inputs: Inputs): Promise<void> {
  return withUnitHost(inputs, (host, unit) => assertRoom(host, installationOf(unit, withoutUnknown(inputs))));
}

/** Only now is the global there; one in Konnect may be behind a proxy that the unit alone knows. */
async function assertGlobalWithinReach(inputs: Inputs): Promise<void> {
  const { role, title } = inputs;
  if (role.kind !== "zone" || role.konnect !== undefined) return;
  const { kdsAddress, kdsCa } = role;
  await withUnitHost(inputs, (host) => assertReachesGlobal(host, { title, kdsAddress, kdsCa }));
}

/** A file of this machine that came with it may be gone by then. */
function takeAway(inputs: Inputs): Promise<void> {
  const { role } = inputs;
  const { konnect: _, ...alone } = { konnect: undefined, ...role };
  return withUnitHost(inputs, (host, unit) =>
    uninstall(host, installationOf(unit, { ...inputs, role: alone as Role }), inputs),
  );
}

/** Undefined where none is made yet. */
function adminOf({ admin }: Partial<Inputs>): Partial<Admin> | undefined {
  return admin?.token === undefined && isKnown(admin) ? undefined : admin;
}

async function run(inputs: Inputs): Promise<Outputs> {
  const { url, ssh, title, admin } = inputs;
  await withUnitHost(inputs, (host, unit) => install(host, installationOf(unit, inputs), answersAt(host)));
  const api = await openControlPlane({ url, ssh, tokens: [admin.token ?? ""] }, title);
  try {
    const info = await api.info();
    assertSupported(api, info);
    const { product, version } = info;
    const { others, sharedWith } = inputs;
    const storeId = others === undefined && sharedWith === undefined ? undefined : await storeIdOf(api);
    if (sharedWith !== undefined && storeId !== sharedWith) throw await apart(inputs);
    return { ...inputs, product, version, ...(storeId !== undefined && { storeId }), created: true };
  } finally {
    api.close();
  }
}

/** Two stores are two control planes, of one name: the one that has come last goes. */
async function apart(inputs: Inputs): Promise<KumaError> {
  const { title, postgres } = inputs;
  await takeAway(inputs);
  return new KumaError(
    "invalid",
    `The instance of ${title} has another store than the first one, so it was taken away again: its database ${postgres?.database} at ${postgres?.host}:${postgres?.port} is not that of the first one's host. ` +
      `Name a server in install.postgres.host that is the same seen from each host, and run it again.`,
  );
}

function installationOf(unit: string, { archive, admin, ...spec }: Inputs): Installation {
  // as the published archives are called; one of another name is taken for a 2.x
  const version = /(\d+\.\d+\.\d+)[^/]*$/.exec(archive?.from ?? "")?.[1];
  const service = controlPlaneService({ ...spec, admin: admin as Admin, unit, version });
  return { service, ...(archive && { archive }) };
}

/** Certificates and addresses that the same run is to make stand in no file yet: what is looked at is the host. */
function withoutUnknown(inputs: Inputs): Inputs {
  const text = JSON.stringify(inputs, (_, value: unknown) => (isKnown(value) ? value : ""));
  const { config, ...known } = JSON.parse(text) as Inputs;
  return typeof config === "object" ? { ...known, config } : known;
}
