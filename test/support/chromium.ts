import { ChildProcess, spawn } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import type { Readable, Writable } from "node:stream";

/** A Chromium: the variable `CHROMIUM` names it, else it is on PATH as Debian calls it. */
export function findChromium(): string | undefined {
  const named = process.env.CHROMIUM;
  const onPath = (process.env.PATH ?? "").split(path.delimiter).map((each) => path.join(each, "chromium"));
  return (named ? [named] : onPath).find((file) => fs.existsSync(file));
}

export interface View {
  width: number;
  height?: number;
  scheme?: "dark" | "light";
  media?: "screen" | "print";
}

const DEADLINE_MS = 60_000;

/** A headless browser with one page, spoken to over two pipes by the DevTools protocol. Nothing listens on a port. */
export class Browser {
  private next = 1;
  private held = "";
  private readonly waiting = new Map<number, (answer: Record<string, unknown>) => void>();
  private readonly heard: ((method: string, params: Record<string, unknown>) => void)[] = [];
  private session = "";
  /** What the page asked of the network, but for itself. */
  readonly requested: string[] = [];

  private constructor(
    private readonly child: ChildProcess,
    private readonly profile: string,
  ) {
    (child.stdio[4] as Readable).setEncoding("utf8").on("data", (text: string) => this.take(text));
    this.heard.push((method, params) => {
      const url = (params.request as { url?: string } | undefined)?.url;
      if (method === "Network.requestWillBeSent" && url && !url.startsWith("file:")) this.requested.push(url);
    });
  }

  static async start(program: string): Promise<Browser> {
    const profile = fs.mkdtempSync(path.join(os.tmpdir(), "chromium-"));
    const args = [
      ...["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"],
      ...["--hide-scrollbars", "--remote-debugging-pipe", `--user-data-dir=${profile}`, "about:blank"],
    ];
    const child = spawn(program, args, {
      stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"],
      detached: true,
      env: { PATH: process.env.PATH, HOME: profile },
    });
    const browser = new Browser(child, profile);
    const { targetInfos } = (await browser.send("Target.getTargets")) as {
      targetInfos: { targetId: string; type: string }[];
    };
    const targetId = targetInfos.find(({ type }) => type === "page")?.targetId;
    const { sessionId } = await browser.send("Target.attachToTarget", { targetId, flatten: true });
    browser.session = sessionId as string;
    await browser.send("Page.enable");
    await browser.send("Network.enable");
    return browser;
  }

  /** Opens a page of this text. */
  async open(text: string): Promise<void> {
    const file = path.join(this.profile, "page.html");
    fs.writeFileSync(file, text);
    const loaded = new Promise<void>((resolve) =>
      this.heard.push((method) => method === "Page.loadEventFired" && resolve()),
    );
    await this.send("Page.navigate", { url: `file://${file}` });
    await loaded;
  }

  async look({ width, height = 800, scheme = "light", media = "screen" }: View): Promise<void> {
    const size = { width, height, deviceScaleFactor: 1, mobile: width < 600 };
    await this.send("Emulation.setDeviceMetricsOverride", size);
    const features = [{ name: "prefers-color-scheme", value: scheme }];
    await this.send("Emulation.setEmulatedMedia", { media, features });
  }

  /** What an expression gives in the page, as JSON can hold it. The page itself may run nothing; this is the browser's own. */
  async evaluate<T>(expression: string): Promise<T> {
    const { result, exceptionDetails } = (await this.send("Runtime.evaluate", {
      expression,
      ...{ returnByValue: true, awaitPromise: true },
    })) as { result: { value: T }; exceptionDetails?: unknown };
    if (exceptionDetails) throw new Error(JSON.stringify(exceptionDetails));
    return result.value;
  }

  /** A picture of the whole page (PNG). */
  async screenshot(): Promise<Buffer> {
    const answer = await this.send("Page.captureScreenshot", { format: "png", captureBeyondViewport: true });
    return Buffer.from(answer.data as string, "base64");
  }

  async pdf(): Promise<Buffer> {
    const answer = await this.send("Page.printToPDF", { printBackground: true, preferCSSPageSize: true });
    return Buffer.from(answer.data as string, "base64");
  }

  async accessibilityTree(): Promise<{ role: string; name: string }[]> {
    const { nodes } = (await this.send("Accessibility.getFullAXTree")) as {
      nodes: { ignored: boolean; role?: { value: string }; name?: { value: string } }[];
    };
    return nodes
      .filter(({ ignored }) => !ignored)
      .map(({ role, name }) => ({ role: role?.value ?? "", name: name?.value ?? "" }));
  }

  async stop(): Promise<void> {
    const ended = new Promise((resolve) => this.child.once("exit", resolve));
    if (this.child.exitCode === null && this.child.pid !== undefined) {
      process.kill(-this.child.pid, "SIGKILL");
      await ended;
    }
    fs.rmSync(this.profile, { recursive: true, force: true, maxRetries: 5 });
  }

  private send(method: string, params: object = {}): Promise<Record<string, unknown>> {
    const id = this.next++;
    const sessionId = method.startsWith("Target.") ? {} : { sessionId: this.session };
    (this.child.stdio[3] as Writable).write(`${JSON.stringify({ id, method, params, ...sessionId })}\0`);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`Chromium did not answer ${method}`)), DEADLINE_MS);
      this.waiting.set(id, (answer) => {
        clearTimeout(timer);
        if (answer.error) reject(new Error(`${method}: ${JSON.stringify(answer.error)}`));
        else resolve(answer.result as Record<string, unknown>);
      });
    });
  }

  private take(text: string): void {
    const messages = (this.held + text).split("\0");
    this.held = messages.pop() ?? "";
    for (const message of messages) {
      const answer = JSON.parse(message) as {
        id?: number;
        method?: string;
        params?: Record<string, unknown>;
      };
      if (answer.id !== undefined) this.waiting.get(answer.id)?.(answer);
      else this.heard.forEach((hear) => hear(answer.method ?? "", answer.params ?? {}));
    }
  }
}
