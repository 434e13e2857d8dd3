import { ControlPlane } from "../../../../kuma";
import type { HttpOptions } from "../../../../kuma/api/http/transport";
import type { Vantage } from "../../../../kuma/api/vantage";
import { HostAgent } from "../../hosts/agent";
import { Host } from "../../hosts/host";
import { Configuration, readConfiguration } from "./configuration";
import { UnitAccess, UnitLocation, parseUnitUrl, unitUrl } from "../location";
import { ownFiles } from "../places";
import { openUnitHost } from "../unitHost";
import { vantageOf } from "./vantage";
import { readUnit } from "./readUnit";

interface Address extends HttpOptions {
  title: string;
  tokens?: string[];
}

/**
 * The API of a control plane on a host, as who asks from there: nothing of it need listen outside. Of several instances the
 * first one is asked.
 */
export async function openUnit(
  instances: readonly [UnitAccess, ...UnitAccess[]],
  address: Address,
): Promise<ControlPlane> {
  const opened = instances.map(openUnitHost);
  const release = () => opened.forEach((each) => each.release());
  try {
    const [{ host, unit: name }] = opened;
    const unit = await readUnit(host, name);
    const { api } = await readConfiguration(host, unit, ownFiles(name));
    const { url } = instances[0];
    const reference = unitUrl(parseUnitUrl(url) as UnitLocation);
    return new HostedApi(host, api, { reference, ...address }, release, vantageOf(opened));
  } catch (error) {
    release();
    throw error;
  }
}

/** A control plane whose API is reached from its host. */
export class HostedApi extends ControlPlane {
  constructor(
    host: Host,
    { address, port, basePath }: Configuration["api"],
    options: Address & { reference?: string },
    private readonly release: () => void = () => {},
    private readonly machine?: Vantage,
  ) {
    super({
      ...options,
      url: `http://${address.includes(":") ? `[${address}]` : address}:${port}${basePath}`,
      agent: new HostAgent(host, { address, port }),
      concurrency: 16,
    });
  }

  override get vantage(): Vantage | undefined {
    return this.machine;
  }

  override close(): void {
    super.close();
    this.release();
  }
}
