/** What `npm run preview` has set for single rules; it reaches the provider's process through the engine. */
const VARIABLE = "KUMA_FEDERATION_GUARDRAILS";

type RuleSettings = Readonly<Record<string, object>>;

/** @param settings undefined where no rule is to be looked at */
export function wantGuardrails(settings: RuleSettings | undefined): void {
  if (settings) process.env[VARIABLE] = JSON.stringify(settings);
  else delete process.env[VARIABLE];
}

/** Undefined where no rule is to be looked at. */
export function guardrailSettings(): RuleSettings | undefined {
  const given = process.env[VARIABLE];
  return given === undefined ? undefined : (JSON.parse(given) as RuleSettings);
}
