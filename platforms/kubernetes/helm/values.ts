/** Values of a Helm release, as the user gives them. */
export type Values = { [key: string]: unknown };

export function isObject(value: unknown): value is Values {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}

/** `b` over `a`, objects merged, as Helm merges values. */
export function merge(a: Values, b: Values): Values {
  const result = { ...a };
  for (const [key, value] of Object.entries(b)) {
    const there = result[key];
    result[key] = isObject(there) && isObject(value) ? merge(there, value) : value;
  }
  return result;
}

export function valueAt(values: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((at, key) => (isObject(at) ? at[key] : undefined), values);
}

/** A copy with another value at the path; undefined removes it, and the objects that become empty by that. */
export function setAt(values: Values, [key, ...rest]: readonly string[], value: unknown): Values {
  const { [key]: there, ...others } = values;
  if (rest.length === 0) return value === undefined ? others : { ...values, [key]: value };
  if (value === undefined && !isObject(there)) return values;
  const inner = setAt(isObject(there) ? there : {}, rest, value);
  return Object.keys(inner).length === 0 && value === undefined ? others : { ...values, [key]: inner };
}
