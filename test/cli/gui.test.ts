import * as assert from "node:assert/strict";
import * as http from "node:http";
import type { AddressInfo } from "node:net";
import { hasGui } from "../../cli/gui";

describe("cli/gui", () => {
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
    assert.equal(await hasGui(`${base}/gui`), true);
    assert.equal(await hasGui(`${base}/missing`), false);
    assert.equal(await hasGui(`${base}/json`), false);
  });

  it("tells of one that cannot be asked from here", async () => {
    assert.equal(await hasGui("http://localhost:5681/gui after kubectl port-forward"), true);
    assert.equal(await hasGui("http://127.0.0.1:1/gui"), true);
  });
});
