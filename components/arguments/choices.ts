/**
 * Values that an argument takes one of. Each is an object beside a type of its name, which is the form that Pulumi makes
 * an enum of in every language (@pulumi/pulumi 3.248, provider/experimental/analyzer.ts).
 */

/** Which product a control plane is: names, namespace and chart follow from it. */
export const Product = { Kuma: "kuma", KongMesh: "kong-mesh" } as const;
export type Product = (typeof Product)[keyof typeof Product];

/** What is done about a resource that the global has with other content. */
export const OnConflict = {
  /** Nothing is written, and all conflicts are listed. */
  Fail: "fail",
  /** What the global has stays. */
  KeepGlobal: "keepGlobal",
  /** What the zone has takes its place. */
  Overwrite: "overwrite",
} as const;
export type OnConflict = (typeof OnConflict)[keyof typeof OnConflict];

/** What is done about what is missing or changed on the global later. */
export const OnDrift = {
  /** What is missing is written again; what was changed there stays, and is told. */
  RepairMissing: "repairMissing",
  /** What is missing or changed is written again. */
  Repair: "repair",
  /** Nothing is written; it is told. */
  Report: "report",
} as const;
export type OnDrift = (typeof OnDrift)[keyof typeof OnDrift];

/** What becomes on the global of what a zone brought there, when the zone leaves. */
export const OnUndo = { KeepOnGlobal: "keepOnGlobal", RemoveFromGlobal: "removeFromGlobal" } as const;
export type OnUndo = (typeof OnUndo)[keyof typeof OnUndo];

/** What becomes of a zone that ran alone, was switched and cannot be a member. */
export const OnFailedSwitch = {
  /** It is made to run alone again, with what it had. */
  TakeBack: "takeBack",
  /** It is left as it is, to be looked at. */
  Leave: "leave",
} as const;
export type OnFailedSwitch = (typeof OnFailedSwitch)[keyof typeof OnFailedSwitch];

/** Which resources of a zone become the global's, by the profiles of `kumactl export`. */
export const Profile = { Federation: "federation", WithPolicies: "federation-with-policies" } as const;
export type Profile = (typeof Profile)[keyof typeof Profile];

/** How a control plane gets into a cluster: as a release of Helm, or as what `kumactl install` prints. */
export const Installer = { Helm: "helm", Kumactl: "kumactl" } as const;
export type Installer = (typeof Installer)[keyof typeof Installer];

/** Type of the Service that zones dial. */
export const KdsServiceType = { LoadBalancer: "LoadBalancer", NodePort: "NodePort" } as const;
export type KdsServiceType = (typeof KdsServiceType)[keyof typeof KdsServiceType];

/** Which program serves as `kuma-cp` on this machine. */
export const KumaCp = {
  /** One that is found, the official release, or the stand-in, in this order. */
  Auto: "auto",
  /** The stand-in of this package. */
  Embedded: "embedded",
  /** The one on PATH or in the variable KUMA_CP. */
  Path: "path",
  /** The official release. */
  Download: "download",
} as const;
export type KumaCp = (typeof KumaCp)[keyof typeof KumaCp];

/** Where a control plane on this machine keeps what it has. */
export const Store = { Auto: "auto", Memory: "memory", Postgres: "postgres" } as const;
export type Store = (typeof Store)[keyof typeof Store];

/** How a connection with PostgreSQL is encrypted, as Kuma calls it. */
export const PostgresTlsMode = {
  Disable: "disable",
  VerifyNone: "verifyNone",
  VerifyCa: "verifyCa",
  VerifyFull: "verifyFull",
} as const;
export type PostgresTlsMode = (typeof PostgresTlsMode)[keyof typeof PostgresTlsMode];

/** Where Konnect keeps its control planes. */
export const KonnectRegion = { Us: "us", Eu: "eu", Au: "au", In: "in", Me: "me", Sg: "sg" } as const;
export type KonnectRegion = (typeof KonnectRegion)[keyof typeof KonnectRegion];

/** How a zone gets its token for Konnect. */
export const ZoneProvisioning = {
  /** A system account with the role Connector, and a token that ends: the documented way. */
  SystemAccount: "systemAccount",
  /** The call of Konnect's web wizard, which Kong does not document. */
  Wizard: "wizard",
} as const;
export type ZoneProvisioning = (typeof ZoneProvisioning)[keyof typeof ZoneProvisioning];
