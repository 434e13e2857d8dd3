import assert from "node:assert/strict";

/** Who writes with the token of a job. */
const BOT = { login: "github-actions[bot]" };
const LONGEST_BODY = 65_536;

export type Permissions = Readonly<Record<string, string>>;

interface Written {
  number: number;
  body: string;
  user: { login: string };
}

type Args = Record<string, unknown>;

/** A stand-in for the parts of GitHub that the scripts of the workflows ask: with what a job may, and GitHub's limits. */
export class Forge {
  readonly comments: Written[] = [];
  readonly issues: (Written & { title: string; state: string })[] = [];
  /** Names of the files that the pull request changes. */
  files: string[] = [];
  /** The last commit of the pull request. */
  head = "";
  /** Of the environment "preview"; undefined where there is none. */
  reviewers: number | undefined = 1;
  private last = 0;

  /** As actions/github-script has it, for a job with these permissions. */
  octokit(permissions: Permissions): object {
    const may = (access: "read" | "write", ...scopes: string[]) => {
      const has = scopes.some((scope) => ["write", access].includes(permissions[scope]));
      if (!has) throw Object.assign(new Error("Resource not accessible by integration"), { status: 403 });
    };
    const bodyOf = ({ body }: Args) => {
      assert.ok(typeof body === "string" && body.length <= LONGEST_BODY, "Validation Failed");
      return body;
    };
    const add = (args: Args) => ({ number: ++this.last, body: bodyOf(args), user: BOT });
    const found = <T extends Written>(all: T[], number: unknown) =>
      all.find((each) => each.number === number) ?? assert.fail(`there is no ${String(number)}`);
    const ofPull = ["pull-requests", "issues"];
    const rest = {
      pulls: {
        get: () => {
          may("read", "pull-requests");
          return Promise.resolve({ data: { head: { sha: this.head } } });
        },
        listFiles: () => {
          may("read", "pull-requests");
          return this.files.map((filename) => ({ filename }));
        },
      },
      repos: {
        getEnvironment: () => {
          may("read", "actions");
          if (this.reviewers === undefined) throw Object.assign(new Error("Not Found"), { status: 404 });
          const rule = { type: "required_reviewers", reviewers: Array<object>(this.reviewers).fill({}) };
          return Promise.resolve({ data: { protection_rules: [rule] } });
        },
      },
      issues: {
        listComments: () => {
          may("read", ...ofPull);
          return this.comments.map(({ number: id, ...more }) => ({ id, ...more }));
        },
        createComment: (args: Args) => {
          may("write", ...ofPull);
          this.comments.push(add(args));
        },
        updateComment: (args: Args) => {
          may("write", ...ofPull);
          found(this.comments, args.comment_id).body = bodyOf(args);
        },
        listForRepo: () => {
          may("read", "issues");
          return this.issues;
        },
        create: (args: Args) => {
          may("write", "issues");
          this.issues.push({ ...add(args), title: String(args.title), state: "open" });
        },
        update: (args: Args) => {
          may("write", "issues");
          const issue = found(this.issues, args.issue_number);
          Object.assign(issue, { body: bodyOf(args), state: String(args.state ?? issue.state) });
        },
      },
    };
    return { rest, paginate: (list: (args: Args) => unknown, args: Args) => Promise.resolve(list(args)) };
  }
}
