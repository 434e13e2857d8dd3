import * as net from "node:net";
import * as tls from "node:tls";
import type { CheckResult, Federation } from "../../../kuma";
import { KeyPair, issueAuthority, issueServerCertificate } from "../../../platforms/kdsCertificate";
import { FakeControlPlane, clientOf } from "../../support/controlPlane/fakeControlPlane";
import { Change, GLOBAL_CONFIG, ZONE_CONFIG, content, vantageOf } from "./fixtures";

/** Two sides that go together, with the address that zones dial; what a test changes of them is not in order. */
export class Sides {
  private readonly servers: net.Server[] = [];

  private constructor(
    private readonly authority: KeyPair,
    private readonly otherAuthority: KeyPair,
  ) {}

  /** The address at which the global's certificate is the right one. */
  kdsAddress = "";

  static async start(): Promise<Sides> {
    const sides = new Sides(await issueAuthority("test"), await issueAuthority("other"));
    sides.kdsAddress = await sides.serve(["127.0.0.1"]);
    return sides;
  }

  stop(): void {
    this.servers.forEach((server) => server.close());
  }

  /** Serves a certificate for these hosts, and gives the address. */
  async serve(hosts: string[], { byAnother = false } = {}): Promise<string> {
    const signer = byAnother ? this.otherAuthority : this.authority;
    const certificate = await issueServerCertificate(signer, hosts);
    return this.listen(tls.createServer({ ...certificate, ALPNProtocols: ["h2"] }));
  }

  async listen(server: net.Server): Promise<string> {
    this.servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return `grpcs://127.0.0.1:${(server.address() as net.AddressInfo).port}`;
  }

  async with({
    zone = {},
    global = {},
    federation = {},
    tokens,
    host,
    prepare,
  }: Change): Promise<Federation> {
    const zoneFake = await FakeControlPlane.start({
      clusterId: "cluster-zone",
      config: ZONE_CONFIG,
      resources: content,
      ...zone,
    });
    const globalFake = await FakeControlPlane.start({
      clusterId: "cluster-global",
      config: GLOBAL_CONFIG,
      ...global,
    });
    prepare?.(zoneFake, globalFake);
    const zoneClient = clientOf(zoneFake, { title: "the control plane of zone zone-1" });
    if (host) Object.defineProperty(zoneClient, "vantage", { value: vantageOf(host) });
    return {
      zoneName: "zone-1",
      zone: zoneClient,
      global: clientOf(globalFake, { title: "the global control plane", tokens }),
      kdsAddress: this.kdsAddress,
      kdsCa: this.authority.cert,
      zoneRunsHere: true,
      onConflict: "fail",
      ...federation,
    };
  }
}

/** What a person is told by one check. */
export function textOf({ sentence, evidence, remedy }: CheckResult): string {
  return [sentence, ...evidence, remedy].join(" ");
}
