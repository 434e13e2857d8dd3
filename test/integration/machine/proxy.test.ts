import assert from "node:assert/strict";
import { ConnectProxy } from "../../support/connectProxy";
import { needsEngine } from "../../support/pulumi/engine";
import { Sandbox, oneZone } from "../support";

describe("a proxy in the environment", function () {
  needsEngine();

  it("is not asked for what programs on this machine say to each other", async () => {
    // leads nowhere, so that the run would fail through it
    const proxy = await ConnectProxy.start(1);
    const address = `http://127.0.0.1:${proxy.port}`;
    const sandbox = new Sandbox({ https_proxy: address, HTTPS_PROXY: address, http_proxy: address });
    try {
      sandbox.writeStack("test", (await oneZone()).config);
      const { status, output } = await sandbox.run("preview", "--stack", "test");
      assert.equal(status, 0, output);
      assert.doesNotMatch(output, /Resolution note/);
      assert.deepEqual(
        proxy.asked.filter((each) => /127\.0\.0\.1|localhost|::1/.test(each)),
        [],
      );
    } finally {
      await sandbox.remove();
      await proxy.stop();
    }
  });
});
