import * as assert from "node:assert/strict";
import * as http from "node:http";
import type { AddressInfo } from "node:net";
import { describeGui } from "../../../cli/local/gui";

describe("cli/local/gui", () => {
  let server: http.Server;
  let base: string;
  before(async () => {
    server = http.createServer((request, response) => {
      const isThere = request.url === "/gui";
      const type = request.url === "/json" ? "application/json" : "text/html; charset=utf-8";
      response.writeHead(isThere || request.url === "/json" ? 200 : 404, { "content-type": type }).end("{}");
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  after(() => server.close());

  it("tells of a GUI that answers, and of none that does not", async () => {
    assert.equal(await describeGui(`${base}/gui`, undefined), `${base}/gui`);
    assert.equal(await describeGui(`${base}/missing`, undefined), undefined);
    assert.equal(await describeGui(`${base}/json`, undefined), undefined);
  });

  it("tells of one that cannot be asked from here, with the command that makes it answer", async () => {
    assert.equal(await describeGui("http://127.0.0.1:1/gui", undefined), "http://127.0.0.1:1/gui");
    assert.equal(
      await describeGui(`${base}/missing`, "kubectl port-forward svc/x 5681"),
      `${base}/missing while this runs: kubectl port-forward svc/x 5681`,
    );
  });
});
