import { type ProxyToken, type Sides, enumerated, isKumaError } from "../../kuma";
import {
  dueProxies,
  hasToRestart,
  keysOfControlPlane,
  readProxyLogin,
  replaceTokens,
  restartProxies,
} from "../../platforms/universal/zone/proxyTokens";
import type { ZoneRuntime } from "../../platforms/universal/zone/zoneRuntime";
import { withConnections } from "../connections";
import { changedInputs } from "../provider/handler";
import type { HandlerOf, InputsOf, StateOf } from "../provider/resource";
import { say } from "../provider/say";
import { withZoneRuntime } from "../zone/universal/zoneRuntime";
import type { HostTokens } from "./hostTokens";
import { assertNewHostsAnswer } from "./proxyHosts";

type Inputs = InputsOf<typeof HostTokens>;
type Outputs = StateOf<typeof HostTokens>;

export const hostTokens: HandlerOf<typeof HostTokens> = {
  async check(olds, news) {
    await assertNewHostsAnswer(olds, news);
    return news;
  },
  async diff(_, olds, news) {
    if (changedInputs(olds, news).length > 0) return { changes: true };
    try {
      return { changes: await withBoth(news, (sides, runtime) => isToDo(sides, runtime, olds.left)) };
    } catch (error) {
      // who does not answer is told of by what is before this
      if (isKumaError(error)) return { changes: false };
      throw error;
    }
  },
  create: async (inputs) => ({ id: inputs.zoneName, outs: await run(inputs) }),
  update: (_, __, news) => run(news),
  // the proxies are others', and go on
  delete: async () => {},
};

async function isToDo(sides: Sides, runtime: ZoneRuntime, left: readonly string[]): Promise<boolean> {
  const { due } = await look(sides, runtime);
  return due.some(({ key }) => !left.includes(key)) || (await hasToRestart(runtime));
}

async function run(inputs: Inputs): Promise<Outputs> {
  return withBoth(inputs, async (sides, runtime) => {
    const { zone, global, zoneName } = sides;
    const { due, login } = await look(sides, runtime);
    // a zone that is a member issues tokens for proxies of services, and has no key for those of zone proxies
    const issuerOf = ({ mesh }: ProxyToken) =>
      mesh !== undefined ? zone : global.hosted === undefined ? global : undefined;
    const left = await replaceTokens(due, { zoneName, notes: runtime, login, issuerOf });
    await restartProxies({ zoneName, hosts: runtime.hosts }, runtime, zone);
    const keys = left.map(({ key }) => key);
    if (keys.length > 0)
      say(
        `zone ${zoneName}: the tokens of ${enumerated(keys)} end, and no new ones can be put where they lie: no unit of the system runs them, or the token is among their variables. ` +
          `npm run status shows the command for each.`,
      );
    return { ...inputs, left: keys };
  });
}

async function look({ zone, zoneName }: Sides, { hosts }: ZoneRuntime) {
  const login = await readProxyLogin(zone);
  const keys = await keysOfControlPlane(zone, login);
  return { login, due: await dueProxies({ zoneName, hosts }, login, keys) };
}

function withBoth<T>(inputs: Inputs, work: (sides: Sides, runtime: ZoneRuntime) => Promise<T>): Promise<T> {
  return withZoneRuntime(inputs, (runtime) => withConnections(inputs, (sides) => work(sides, runtime)));
}
