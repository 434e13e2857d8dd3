import * as pulumi from "@pulumi/pulumi";
import { KumaError, assertTlsVerified, newDigestKey, withDigestKey } from "../../kuma";
import { ToolchainError } from "../../toolchain/errors";
import { HANDLERS } from "../handlers";
import { beginLooking, beginWriting } from "../opened";
import { plannedKey } from "../options/planRun";
import { withCode } from "./errorCode";
import { Handler, Properties, isKnown } from "./handler";
import { withStaying } from "./keptOutputs";

/** Adapts a handler to what Pulumi wants: JSON-clean results, and errors as one message without a stack. */
export function dispatch(
  name: keyof typeof HANDLERS,
): Required<Omit<pulumi.dynamic.ResourceProvider, "configure">> {
  const handler = HANDLERS[name] as unknown as Handler<Properties, Properties>;
  return {
    async check(olds, news) {
      beginLooking();
      const inputs = withKeyOf(name, olds, news);
      try {
        assertTlsVerified();
        const check = async () => (handler.check ? clean(await handler.check(olds, inputs)) : inputs);
        return { inputs: await keyed(inputs, check) };
      } catch (error) {
        if (!isForPeople(error)) throw error;
        return { inputs, failures: [{ property: "", reason: coded(error).message }] };
      }
    },
    diff: (id, olds, news) => looking(news, () => handler.diff(id, olds, withStaying(olds, news))),
    create: (inputs) =>
      writing(inputs, async () => {
        const { id, outs } = await handler.create(inputs);
        return { id, outs: clean(outs) };
      }),
    update: (id, olds, news) =>
      writing(news, async () => ({ outs: clean(await handler.update(id, olds, news)) })),
    delete: (id, props) => writing(props, () => handler.delete(id, props)),
    read: (id, props = {}) =>
      looking(props, async () => {
        if (!handler.read) return { id, props };
        const found = await handler.read(id, props);
        return { id, props: clean(found.props), inputs: clean(found.inputs) };
      }),
  };
}

/** A resource that stores digests gets a key for them when it is checked for the first time, and keeps it. */
function withKeyOf(name: string, olds: Properties, news: Properties): Properties {
  if (!("digestKey" in news)) return news;
  const planned = () => plannedKey(JSON.stringify([name, news.zoneName]));
  return { ...news, digestKey: olds.digestKey || (planned() ?? newDigestKey()) };
}

function keyed<T>({ digestKey }: Properties, work: () => T): T {
  return withDigestKey(typeof digestKey === "string" && isKnown(digestKey) ? digestKey : undefined, work);
}

/** An undefined anywhere makes Pulumi fail after the work was done, and forget the resource. */
function clean(value: Properties): Properties {
  return JSON.parse(JSON.stringify(value)) as Properties;
}

function looking<T>(properties: Properties, work: () => Promise<T>): Promise<T> {
  beginLooking();
  return plainErrors(properties, work);
}

function writing<T>(properties: Properties, work: () => Promise<T>): Promise<T> {
  beginWriting();
  return plainErrors(properties, work);
}

/** Pulumi prints the stack of what a provider throws; a message that is meant for people stands alone. */
async function plainErrors<T>(properties: Properties, work: () => Promise<T>): Promise<T> {
  try {
    // the engine's environment is this one's, also where no command of this program has looked at it
    assertTlsVerified();
    return await keyed(properties, work);
  } catch (error) {
    throw isForPeople(error) ? Object.assign(coded(error), { stack: "" }) : error;
  }
}

function coded(error: KumaError | ToolchainError): Error {
  return error instanceof KumaError ? withCode(error) : error;
}

function isForPeople(error: unknown): error is KumaError | ToolchainError {
  return error instanceof KumaError || error instanceof ToolchainError;
}
