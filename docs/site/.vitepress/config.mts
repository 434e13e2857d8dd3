import * as fs from "node:fs";
import * as path from "node:path";
import { fileURLToPath } from "node:url";
import { type DefaultTheme, defineConfig } from "vitepress";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
/** Where the sources can be read, such as `https://github.com/owner/name/blob/main/`. What is no page is no link without it. */
const { DOCS_SOURCES = "", DOCS_BASE = "/" } = process.env;

const OTHER_FOLDERS = fs
  .readdirSync(ROOT, { withFileTypes: true })
  .flatMap((entry) => (entry.isDirectory() && entry.name !== "docs" ? [entry.name] : []));

const page = (text: string, name: string): DefaultTheme.SidebarItem => ({ text, link: `/${name}` });
const SIDEBAR: DefaultTheme.SidebarItem[] = [
  {
    text: "Start",
    items: [
      { text: "Overview", link: "/" },
      page("Words", "terms"),
      page("What is guaranteed", "guarantees"),
      page("How it works", "architecture"),
    ],
  },
  {
    text: "Where control planes run",
    items: [
      page("Kubernetes", "kubernetes"),
      page("Processes on this machine", "universal"),
      page("Hosts", "hosts"),
      page("Hosts: the guide line by line", "hosts-guide"),
      page("Konnect", "konnect"),
      page("Stand-in", "stand-in"),
      page("Stand-in for Konnect", "konnect-stand-in"),
    ],
  },
  {
    text: "Federate",
    items: [
      page("Preflight", "preflight"),
      page("Profiles", "profiles"),
      page("What differs, and why", "ledger"),
      page("Going back", "undo"),
      page("When it fails", "failures"),
    ],
  },
  {
    text: "Every day",
    items: [
      page("Zones", "zones"),
      page("Status", "status"),
      page("A mesh over its zones", "multi-zone"),
      page("Drills", "drills"),
    ],
  },
  {
    text: "Pull requests",
    items: [
      page("Previews and comments", "pull-requests"),
      page("Deploy", "deploy"),
      page("Guardrails", "guardrails"),
    ],
  },
  {
    text: "In a program of your own",
    items: [
      page("Components", "components"),
      page("Reference of the components", "components-reference"),
      page("Other languages", "other-languages"),
    ],
  },
  {
    text: "Security",
    items: [page("Secrets", "secrets"), page("Network", "network"), page("What it defends", "security")],
  },
  {
    text: "Reference",
    items: [
      page("Messages", "messages"),
      page("Files", "files"),
      page("Tools", "toolchain"),
      page("Changes", "CHANGELOG"),
    ],
  },
  {
    text: "For contributors",
    items: [
      page("Contributing", "CONTRIBUTING"),
      page("Decisions", "decisions/"),
      page("Mutation", "mutation"),
    ],
  },
];

/** The page that a file becomes; undefined for one that becomes none. */
function pageOf(file: string): string | undefined {
  if (file === "README.md") return "index.md";
  if (file === "docs/decisions/README.md") return "decisions/index.md";
  if (/^(CHANGELOG|CONTRIBUTING)\.md$/.test(file)) return file;
  return /^docs\/(?!site\/).*\.md$/.test(file) ? file.slice("docs/".length) : undefined;
}

export default defineConfig({
  title: "kuma-federation",
  description: "Federates Kuma and Kong Mesh zones with a global control plane, as a Pulumi program",
  base: DOCS_BASE,
  srcDir: "../..",
  srcExclude: [...OTHER_FOLDERS, "docs/site"].map((folder) => `${folder}/**`),
  outDir: "dist",
  cacheDir: ".vitepress/cache",
  rewrites: (file) => pageOf(file) ?? file,
  lastUpdated: false,
  // the pages lie outside of the folder that Vue is installed in
  vite: {
    resolve: {
      alias: ["vue/server-renderer", "vue"].map((find) => ({
        find: new RegExp(`^${find}$`),
        replacement: fileURLToPath(import.meta.resolve(find)),
      })),
    },
  },
  markdown: {
    // what stands in the sources is text, and nothing that a page runs
    html: false,
    config(markdown) {
      markdown.core.ruler.before("normalize", "without-comments", (state) => {
        state.src = state.src.replace(/^<!--.*-->$/gm, "");
      });
      // braces are text as well, which Vue would work out
      const { escapeHtml } = markdown.utils;
      const shown = (text: string) => escapeHtml(text).replaceAll("{{", "&#123;&#123;");
      markdown.renderer.rules.text = (tokens, at) => shown(tokens[at].content);
      markdown.renderer.rules.code_inline = (tokens, at) => `<code>${shown(tokens[at].content)}</code>`;
      // links lead from file to file, as on GitHub
      markdown.core.ruler.push("links-between-files", ({ tokens, env }) => {
        const from = path.relative(ROOT, env.realPath ?? env.path);
        for (const { children } of tokens) {
          for (const token of children ?? []) {
            const href = token.type === "link_open" ? token.attrGet("href") : null;
            if (href === null || /^([a-z]+:|#)/.test(href)) continue;
            const [place, anchor] = href.split("#");
            const file = path.posix.join(path.posix.dirname(from), place);
            const to = pageOf(file);
            const target = to === undefined ? DOCS_SOURCES && DOCS_SOURCES + file : `/${to}`;
            token.attrSet("href", target ? `${target}${anchor === undefined ? "" : `#${anchor}`}` : "#");
          }
        }
      });
    },
    // as GitHub makes them, which the links of the sources follow
    anchor: {
      slugify: (heading) =>
        heading
          .trim()
          .toLowerCase()
          .replace(/[^\p{L}\p{N}\p{M}\p{Pc}\- ]/gu, "")
          .replaceAll(" ", "-"),
    },
  },
  themeConfig: {
    sidebar: SIDEBAR,
    outline: [2, 3],
    search: { provider: "local" },
  },
});
