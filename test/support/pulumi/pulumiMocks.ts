import * as pulumi from "@pulumi/pulumi";
import { MockMonitor } from "@pulumi/pulumi/runtime/mocks";

export interface Registered {
  type: string;
  name: string;
  inputs: Record<string, unknown>;
  /** Names of the inputs that are handed over as secrets, see `secretsIn`. */
  secretInputs: string[];
  /** The inputs as a preview shows them. */
  shown: unknown;
  /** Names of outputs that are kept as secrets whatever the provider says. */
  secretOutputs: string[];
  /** Name of the parent, without its type. */
  parent: string;
  /** Names of what it waits for. */
  dependencies: string[];
  /** Name of the provider that it was given, empty for a default one. */
  provider: string;
  /** Options that say how it comes and goes. */
  options: { import: string; retainOnDelete: boolean; hideDiffs: string[] };
}

interface RegisterRequest {
  getParent(): string;
  getDependenciesList(): string[];
  getAdditionalsecretoutputsList(): string[];
  getProvider(): string;
  getImportid(): string;
  getRetainondelete(): boolean;
  getHidediffsList(): string[];
  getObject(): { toJavaScript(): Record<string, unknown> };
}

/** What is being registered; a mock is called within the call that brings it, and sees only a part of it. */
let request: RegisterRequest;
const registerResource = MockMonitor.prototype.registerResource;
MockMonitor.prototype.registerResource = function (this: MockMonitor, received, callback) {
  request = received as RegisterRequest;
  return registerResource.call(this, received, callback);
};

// The SDK keeps the stack of where each promise began, for leaks that no test looks for; read through source maps, these stacks
// were a tenth of what all unit tests take.
const debuggable = require("@pulumi/pulumi/runtime/debuggable") as {
  debuggablePromise<T>(promise: Promise<T>): Promise<T>;
};
debuggable.debuggablePromise = (promise) => promise;

const SECRET_SIGNATURE = "4dabf18193072939515e22adb298388d";

function isSecretValue(value: unknown): value is { value: unknown } {
  return (
    value !== null &&
    typeof value === "object" &&
    (value as Record<string, unknown>)[SECRET_SIGNATURE] === "1b47061264138c4ac30d75fd1eb44270"
  );
}

function unwrapped(value: unknown): unknown {
  if (isSecretValue(value)) return value.value;
  if (Array.isArray(value)) return value.map(unwrapped);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, unwrapped(inner)]));
}

/** Names of the inputs that are secrets, or lists of them; of one that is within another by its path, as `zone.tokens`. */
function secretsIn(value: unknown, path = ""): string[] {
  if (isSecretValue(value)) return [path];
  if (Array.isArray(value)) return [...new Set(value.flatMap((each) => secretsIn(each, path)))];
  if (value === null || typeof value !== "object") return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    secretsIn(inner, path === "" ? key : `${path}.${key}`),
  );
}

/** A copy in which "[secret]" stands for what is kept as a secret. */
function withoutSecrets(value: unknown): unknown {
  if (isSecretValue(value)) return "[secret]";
  if (Array.isArray(value)) return value.map(withoutSecrets);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withoutSecrets(inner)]));
}

function nameOf(urn: string): string {
  return urn.split("::").at(-1) ?? urn;
}

/**
 * Records every resource that a program registers. `outputs` are what each dynamic resource gives beside its inputs,
 * by the resource's name. In a `preview` what they do not give is unknown, as it is where a resource stays as it is.
 */
export async function mockPulumi(
  outputs: (name: string) => Record<string, unknown>,
  config: Record<string, unknown> = {},
  { preview = false } = {},
): Promise<Registered[]> {
  const registered: Registered[] = [];
  const values = Object.entries(config).map(([key, value]) => [
    `kuma-federation:${key}`,
    typeof value === "string" ? value : JSON.stringify(value),
  ]);
  pulumi.runtime.setAllConfig(Object.fromEntries(values), ["kuma-federation:globalToken"]);
  await pulumi.runtime.setMocks(
    {
      call: () => ({}),
      newResource: ({ type, name, inputs }) => {
        const { __provider, ...given } = inputs as Record<string, unknown>;
        // a mock sees an input that holds a secret as one that is a secret as a whole
        const { __provider: _, ...sent } = request.getObject().toJavaScript();
        registered.push({
          type,
          name,
          inputs: unwrapped(given) as Record<string, unknown>,
          secretInputs: secretsIn(sent).sort(),
          shown: withoutSecrets(sent),
          secretOutputs: request.getAdditionalsecretoutputsList(),
          parent: nameOf(request.getParent()),
          dependencies: request.getDependenciesList().map(nameOf).sort(),
          // "urn::id"
          provider: request.getProvider().split("::").at(-2) ?? "",
          options: {
            import: request.getImportid(),
            retainOnDelete: request.getRetainondelete(),
            hideDiffs: request.getHidediffsList(),
          },
        });
        return { id: `${name}-id`, state: { ...inputs, ...outputs(name) } };
      },
    },
    "kuma-federation",
    "test",
    preview,
  );
  return registered;
}

/** The value of an output, and whether it is a secret. */
export function valueOf<T>(output: pulumi.Input<T>): Promise<{ value: T; secret: boolean }> {
  const made = pulumi.output(output) as pulumi.Output<T> & { isSecret: Promise<boolean> };
  return new Promise((resolve) =>
    made.apply((value) => void made.isSecret.then((secret) => resolve({ value: value as T, secret }))),
  );
}

/** Whether a type is one of the dynamic resources of this program. */
export const isDynamic = (type: string) => type.startsWith("pulumi-nodejs:dynamic/kuma-federation:");
