import { dispatch } from "../../../resources/provider/dispatch";
import type { Properties } from "../../../resources/provider/handler";
import { forgetRun } from "../../../resources/provider/oneRun";

type HandlerName = Parameters<typeof dispatch>[0];

/** What a check makes of inputs, or the sentence with which it refuses them. */
export async function check(
  name: HandlerName,
  olds: Properties,
  news: Properties,
): Promise<Properties | string> {
  forgetRun();
  const { inputs, failures = [] } = await dispatch(name).check(olds, news);
  return failures.length > 0 ? failures.map(({ reason }) => reason).join("\n") : (inputs as Properties);
}

/** The ids that resources of a state were created with, by name. */
const IDS = new WeakMap<Map<string, Properties>, Map<string, string>>();

/**
 * Calls the handlers of resources as the engine does in one `up`, without the engine: check, then diff where there is
 * state, then create or update; what a handler gave back is kept as state. Each instance is a run of its own.
 */
export class HandlerRun {
  private readonly ids: Map<string, string>;

  /** `state` outlives the run, as the stack's state does. */
  constructor(private readonly state: Map<string, Properties>) {
    forgetRun();
    this.ids = IDS.get(state) ?? new Map<string, string>();
    IDS.set(state, this.ids);
  }

  /** Gives the outputs, and whether there was something to do. */
  async step(name: HandlerName, inputs: Properties): Promise<{ outs: Properties; changed: boolean }> {
    const handler = dispatch(name);
    const olds = this.state.get(name);
    const checked = await handler.check(olds ?? {}, inputs);
    if (checked.failures?.length) throw new Error(checked.failures.map(({ reason }) => reason).join("\n"));
    if (olds === undefined) {
      const { id, outs } = await handler.create(checked.inputs);
      this.state.set(name, outs);
      this.ids.set(name, id);
      return { outs, changed: true };
    }
    const id = this.idOf(name);
    const { changes } = await handler.diff(id, olds, checked.inputs);
    if (!changes) return { outs: olds, changed: false };
    const { outs } = await handler.update(id, olds, checked.inputs);
    this.state.set(name, outs);
    return { outs, changed: true };
  }

  /** What a check has to say against the inputs of a resource that is not in the state. */
  async refusals(name: HandlerName, inputs: Properties): Promise<string[]> {
    const { failures = [] } = await dispatch(name).check({}, inputs);
    return failures.map(({ reason }) => reason);
  }

  /** Whether there is something to do, without doing it. */
  diff(name: HandlerName, olds: Properties, news: Properties) {
    return dispatch(name).diff(this.idOf(name), olds, news);
  }

  /** Has the state say what is there; gives the outputs. */
  async refresh(name: HandlerName): Promise<Properties> {
    const { props } = await dispatch(name).read(this.idOf(name), this.state.get(name));
    this.state.set(name, props as Properties);
    return props as Properties;
  }

  /** Takes a resource away; it stays in the state when that fails. */
  async remove(name: HandlerName): Promise<void> {
    const olds = this.state.get(name);
    if (olds === undefined) return;
    await dispatch(name).delete(this.idOf(name), olds);
    this.state.delete(name);
  }

  /** Any for what a test has put into the state by itself. */
  private idOf(name: HandlerName): string {
    return this.ids.get(name) ?? name;
  }
}
