import { createHash, randomBytes, randomUUID } from "node:crypto";
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { Problem } from "./problem";

export interface Role {
  id: string;
  role_name: string;
  entity_id: string;
  entity_type_name: string;
  entity_region: string;
}

/** Someone who has tokens and roles: the one user, or a system account. */
export interface Principal {
  id: string;
  kind: "user" | "account";
  name: string;
  description: string;
  konnect_managed: boolean;
  created_at: string;
  updated_at: string;
  roles: Role[];
  /** May manage system accounts. */
  identityAdmin: boolean;
}

export interface Token {
  id: string;
  name: string;
  owner: string;
  created_at: string;
  updated_at: string;
  expires_at: string;
  /** SHA-256 of the token: the token itself is shown once and kept nowhere. */
  digest: string;
}

export interface ControlPlaneRecord {
  id: string;
  name: string;
  description?: string;
  labels?: Record<string, string>;
  features?: unknown[];
  version: string;
  created_at: string;
  updated_at: string;
  limits: { dataplanes: number; policies: number; zones: number };
}

interface State {
  principals: Principal[];
  tokens: Token[];
  controlPlanes: ControlPlaneRecord[];
}

export const MESH = "Mesh Control Planes";
const YEAR_MS = 365 * 24 * 60 * 60 * 1000;
const ANY = "*";

/** Who there is, what they may do, and which control planes there are; kept in `konnect.json`. */
export class Organization {
  readonly id = "00000000-0000-4000-8000-000000000000";
  private state: State = { principals: [], tokens: [], controlPlanes: [] };
  private readonly file: string;

  constructor(private readonly workDir: string) {
    this.file = join(workDir, "konnect.json");
  }

  /** Reads what a former run left; a new organisation has one user who may do everything, with a token in `token`. */
  open(): void {
    if (existsSync(this.file)) {
      this.state = JSON.parse(readFileSync(this.file, "utf8")) as State;
      return;
    }
    const { token } = this.newUser(["Admin", "Creator"], true, new Date(Date.now() + YEAR_MS));
    writeFileSync(join(this.workDir, "token"), token, { mode: 0o600 });
  }

  get principals(): readonly Principal[] {
    return this.state.principals;
  }

  get controlPlanes(): readonly ControlPlaneRecord[] {
    return this.state.controlPlanes;
  }

  /** The one whose token it is. */
  authenticate(token: string | undefined): Principal {
    const known = this.state.tokens.find(({ digest }) => digest === digestOf(token ?? ""));
    if (!known || Date.parse(known.expires_at) <= Date.now()) {
      throw new Problem(401, "Invalid credentials");
    }
    return this.principal(known.owner);
  }

  newUser(roles: readonly string[], identityAdmin: boolean, expires: Date): { token: string } {
    const user = this.addPrincipal({ kind: "user", name: "user", description: "", konnect_managed: false });
    user.identityAdmin = identityAdmin;
    user.roles = roles.map((role_name) => ({
      id: randomUUID(),
      role_name,
      entity_id: ANY,
      entity_type_name: MESH,
      entity_region: ANY,
    }));
    return this.newToken(user, "token", expires);
  }

  addPrincipal(given: Pick<Principal, "kind" | "name" | "description" | "konnect_managed">): Principal {
    const now = new Date().toISOString();
    const id = randomUUID();
    const principal = { id, ...given, created_at: now, updated_at: now, roles: [], identityAdmin: false };
    this.state.principals.push(principal);
    this.save();
    return principal;
  }

  principal(id: string): Principal {
    const found = this.state.principals.find((each) => each.id === id);
    if (!found) {
      throw new Problem(404, "System account not found");
    }
    return found;
  }

  removePrincipal(id: string): void {
    this.principal(id);
    this.state.principals = this.state.principals.filter((each) => each.id !== id);
    this.state.tokens = this.state.tokens.filter(({ owner }) => owner !== id);
    this.save();
  }

  tokensOf(owner: Principal): readonly Token[] {
    return this.state.tokens.filter((token) => token.owner === owner.id);
  }

  newToken(owner: Principal, name: string, expires: Date): Token & { token: string } {
    const token = (owner.kind === "user" ? "kpat_" : "spat_") + randomBytes(32).toString("base64url");
    const now = new Date().toISOString();
    const made = {
      id: randomUUID(),
      name,
      owner: owner.id,
      created_at: now,
      updated_at: now,
      expires_at: expires.toISOString(),
      digest: digestOf(token),
    };
    this.state.tokens.push(made);
    this.save();
    return { ...made, token };
  }

  removeToken(owner: Principal, id: string): void {
    if (!this.tokensOf(owner).some((token) => token.id === id)) {
      throw new Problem(404, "Access token not found");
    }
    this.state.tokens = this.state.tokens.filter((token) => token.id !== id);
    this.save();
  }

  addRole(owner: Principal, role: Omit<Role, "id">): Role {
    const made = { id: randomUUID(), ...role };
    owner.roles.push(made);
    this.save();
    return made;
  }

  addControlPlane(record: ControlPlaneRecord): void {
    this.state.controlPlanes.push(record);
    this.save();
  }

  removeControlPlane(id: string): void {
    this.state.controlPlanes = this.state.controlPlanes.filter((each) => each.id !== id);
    this.save();
  }

  /** Written by renaming, so that there is always a whole one. */
  save(): void {
    writeFileSync(`${this.file}.new`, JSON.stringify(this.state), { mode: 0o600 });
    renameSync(`${this.file}.new`, this.file);
  }
}

/** Whether someone has one of the roles on a control plane; without an id: on any. */
export function hasRole(
  principal: Principal,
  roles: readonly string[],
  controlPlaneId?: string,
  region = ANY,
): boolean {
  return principal.roles.some(
    (role) =>
      roles.includes(role.role_name) &&
      role.entity_type_name === MESH &&
      (controlPlaneId === undefined || role.entity_id === ANY || role.entity_id === controlPlaneId) &&
      (region === ANY || role.entity_region === ANY || role.entity_region === region),
  );
}

export function requireRole(principal: Principal, roles: readonly string[], controlPlaneId?: string): void {
  if (!hasRole(principal, roles, controlPlaneId)) {
    throw new Problem(403, "Access denied");
  }
}

function digestOf(token: string): string {
  return createHash("sha256").update(token).digest("hex");
}
