import { KumaError, isPrivate, withoutCredentials } from "../kuma";

/** One object of the configuration, with the key under which it stands. */
export class Section {
  private readonly values: Record<string, unknown>;

  constructor(
    private readonly name: string,
    value: unknown,
  ) {
    if (value === null || typeof value !== "object" || Array.isArray(value))
      throw wrong(name, value, "an object");
    this.values = value as Record<string, unknown>;
  }

  key(name: string): string {
    return `${this.name}.${name}`;
  }

  allowOnly(names: string[]): void {
    for (const name of Object.keys(this.values)) {
      if (!names.includes(name)) {
        throw new KumaError(
          "invalid",
          `The setting ${this.key(name)} is not known here; allowed are ${names.join(", ")}.`,
        );
      }
    }
  }

  oneOf<T extends string>(name: string, allowed: readonly T[], otherwise?: T): T {
    return oneOf(this.key(name), this.values[name] ?? otherwise, allowed);
  }

  optionalOneOf<T extends string>(name: string, allowed: readonly T[]): T | undefined {
    return this.has(name) ? this.oneOf(name, allowed) : undefined;
  }

  has(name: string): boolean {
    return this.values[name] !== undefined;
  }

  is(name: string, value: string): boolean {
    return this.values[name] === value;
  }

  text(name: string): string {
    const value = this.values[name];
    if (typeof value !== "string" || value === "") throw wrong(this.key(name), value, "a text");
    return value;
  }

  optionalText(name: string): string | undefined {
    return this.values[name] === undefined ? undefined : this.text(name);
  }

  url(name: string): string {
    const value = this.text(name);
    if (/^https?:\/\/[^/@]+(\/[^@]*)?$/.test(value)) return value;
    const shown = withoutCredentials(value);
    throw wrong(this.key(name), shown, "a URL such as http://localhost:5681, without credentials");
  }

  /** For what a token is sent to: in clear only to this machine. `why` is what makes it so. */
  secureUrl(name: string, why = "the Konnect token is sent there"): string {
    const value = this.url(name);
    if (URL.canParse(value) && isPrivate(new URL(value))) return value;
    throw wrong(this.key(name), value, `an https address: ${why}`);
  }

  kdsAddress(name: string): string {
    const value = this.text(name);
    if (/^grpcs:\/\/[^/]+:\d+$/.test(value)) return value;
    throw wrong(this.key(name), value, "an address such as grpcs://global.example.com:5685");
  }

  integer(name: string, least: number, most: number, otherwise?: number): number {
    const value = this.has(name) ? this.values[name] : otherwise;
    if (typeof value === "number" && Number.isInteger(value) && value >= least && value <= most) return value;
    throw wrong(this.key(name), value, `a whole number from ${least} to ${most}`);
  }

  /** A part of it that may be left out. */
  section(name: string): Section {
    return new Section(this.key(name), this.values[name] ?? {});
  }

  optionalInteger(name: string, least: number, most: number): number | undefined {
    return this.values[name] === undefined ? undefined : this.integer(name, least, most);
  }

  /** An object of any content, such as Helm values. It is not shown: it may hold secrets. */
  object(name: string): Record<string, unknown> {
    const value = this.values[name] ?? {};
    if (value === null || typeof value !== "object" || Array.isArray(value))
      throw new KumaError("invalid", `The setting ${this.key(name)} is no object, as it must be.`);
    return value as Record<string, unknown>;
  }

  /** For a file that holds secrets, so its content does not belong here, and is not shown. */
  secretFile(name: string): string | undefined {
    const value = this.optionalText(name);
    if (value === undefined || !/[\n{]/.test(value)) return value;
    throw new KumaError(
      "invalid",
      `The setting ${this.key(name)} holds the content of a kubeconfig, which would stand in the state in clear; it must be the path of one. ` +
        `Content can be given for all contexts at once, in the setting kubeconfig, with "pulumi config set --secret".`,
    );
  }

  texts(name: string, allowed = "a list of texts"): string[] {
    const value = this.values[name] ?? [];
    if (!Array.isArray(value) || !value.every((each) => typeof each === "string"))
      throw wrong(this.key(name), value, allowed);
    return value as string[];
  }

  optionalFlag(name: string): boolean | undefined {
    return this.values[name] === undefined ? undefined : this.flag(name, false);
  }

  /** False or left out for nothing; true, or an object that says more. */
  optionalSection(name: string): Section | undefined {
    const value = this.values[name] ?? false;
    if (value === false) return undefined;
    if (value !== true && typeof value !== "object")
      throw wrong(this.key(name), value, "true, false or an object");
    return new Section(this.key(name), value === true ? {} : value);
  }

  flag(name: string, otherwise: boolean): boolean {
    const value = this.values[name] ?? otherwise;
    if (typeof value !== "boolean") throw wrong(this.key(name), value, "true or false");
    return value;
  }
}

export function oneOf<T extends string>(key: string, value: unknown, allowed: readonly T[]): T {
  if (allowed.includes(value as T)) return value as T;
  throw wrong(key, value, allowed.length === 1 ? allowed[0] : `one of ${allowed.join(", ")}`);
}

export function wrong(key: string, value: unknown, allowed: string): KumaError {
  const has = value === undefined ? "is missing" : `is ${JSON.stringify(value)}`;
  return new KumaError("invalid", `The setting ${key} ${has}; it must be ${allowed}.`);
}
