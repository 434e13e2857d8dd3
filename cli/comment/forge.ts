/** What a forge's comments can hold and show. */
export interface Forge {
  /** Bytes: fewer than the characters that it takes, whatever these are. */
  limit: number;
  /** Shows `<details>`, and hides comments of HTML. */
  html: boolean;
  mermaid: boolean;
}

/**
 * GitHub: 65,536 characters (its API's answer "body is too long"); GitLab: 1,000,000 characters of a note
 * (docs.gitlab.com, administration/instance_limits); Bitbucket Cloud: 32,768 characters, and no HTML (support.atlassian.com,
 * Markdown in comments).
 */
export const FORGES = {
  github: { limit: 65_536, html: true, mermaid: true },
  gitlab: { limit: 1_000_000, html: true, mermaid: true },
  bitbucket: { limit: 32_768, html: false, mermaid: false },
} satisfies Record<string, Forge>;

export type ForgeName = keyof typeof FORGES;

export const FORGE_NAMES = Object.keys(FORGES) as ForgeName[];

/** Ends a comment, by which it is found again. */
export const MARKER = "<!-- kuma-federation: previews -->";
