import { ControlPlane } from "../../../kuma";
import type { HttpOptions } from "../../../kuma/api/http/transport";
import type { Vantage } from "../../../kuma/api/vantage";
import { HostAgent } from "../hosts/agent";
import { Host } from "../hosts/host";
import { hostAt } from "../hosts/hosts";
import { Configuration, readConfiguration } from "./configuration";
import { vantageOf } from "./lookAtUnit";
import { SshKeys, UnitLocation, unitUrl } from "./location";
import { ownFiles } from "./places";
import { readUnit } from "./readUnit";

interface Address extends HttpOptions {
  title: string;
  tokens?: string[];
}

/** The API of a control plane on a host, as who asks from there: nothing of it need listen outside. */
export async function openUnit(
  location: UnitLocation,
  keys: SshKeys,
  address: Address,
): Promise<ControlPlane> {
  const { unit: name, ...place } = location;
  const { host, release } = hostAt({ ...place, ...keys });
  try {
    const unit = await readUnit(host, name);
    const { api } = await readConfiguration(host, unit, ownFiles(name));
    return new HostedApi(
      host,
      api,
      { reference: unitUrl(location), ...address },
      release,
      vantageOf(host, name),
    );
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
