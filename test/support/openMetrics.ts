/** A sample as a reader of the format takes it. */
export interface Sample {
  name: string;
  labels: Record<string, string>;
  value: number;
}

const NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const SAMPLE = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(\{.*\})? (\S+)$/s;
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\"n])*)"(,|$)/y;

/** Reads text by the rules of OpenMetrics 1.0 for gauges, and fails where one is broken. */
export function readOpenMetrics(text: string): Sample[] {
  const lines = text.split("\n");
  if (lines.pop() !== "" || lines.pop() !== "# EOF")
    throw new Error("it does not end with # EOF and a line feed");
  const families = new Map<string, { type?: string; unit?: string; help?: string }>();
  const seen = new Set<string>();
  const samples: Sample[] = [];
  let current = "";
  for (const line of lines) {
    const [, keyword, name, rest] = /^# (TYPE|UNIT|HELP) (\S+) (.*)$/.exec(line) ?? [];
    if (keyword) {
      if (!NAME.test(name)) throw new Error(`no name: ${line}`);
      if (name !== current && families.has(name)) throw new Error(`family ${name} is not in one piece`);
      const family = families.get(name) ?? {};
      const key = keyword.toLowerCase() as "type" | "unit" | "help";
      if (family[key] !== undefined) throw new Error(`${keyword} of ${name} stands twice`);
      if (key === "type" && rest !== "gauge") throw new Error(`type of ${name} is ${rest}`);
      if (key === "unit" && !name.endsWith(`_${rest}`))
        throw new Error(`${name} does not end with its unit ${rest}`);
      families.set(name, { ...family, [key]: rest });
      current = name;
      continue;
    }
    const [, sampleName, labels, value] = SAMPLE.exec(line) ?? [];
    if (sampleName === undefined) throw new Error(`no sample: ${line}`);
    if (sampleName !== current) throw new Error(`${sampleName} stands outside of its family`);
    const read = labelsIn(labels ?? "");
    const series = `${sampleName} ${JSON.stringify(Object.entries(read).sort())}`;
    if (seen.has(series)) throw new Error(`twice: ${series}`);
    seen.add(series);
    if (!Number.isFinite(Number(value))) throw new Error(`no number: ${line}`);
    samples.push({ name: sampleName, labels: read, value: Number(value) });
  }
  return samples;
}

function labelsIn(text: string): Record<string, string> {
  const inner = text.slice(1, -1);
  const labels: Record<string, string> = {};
  LABEL.lastIndex = 0;
  while (LABEL.lastIndex < inner.length) {
    const at = LABEL.lastIndex;
    const [, name, value] = LABEL.exec(inner) ?? [];
    if (name === undefined) throw new Error(`no label at ${inner.slice(at)}`);
    if (Object.hasOwn(labels, name)) throw new Error(`label ${name} stands twice`);
    labels[name] = value.replace(/\\(.)/g, (_found, each: string) => (each === "n" ? "\n" : each));
  }
  return labels;
}
