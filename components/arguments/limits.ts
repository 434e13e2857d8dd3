/** Numbers from the first to the last, which arguments of components and settings of a stack's file share. It loads nothing. */
type Limits = readonly [least: number, most: number];

/** Numbers from which the ports of a control plane can be counted. */
export const PORT_BASES: Limits = [1024, 65_400];
/** Days for which a token of a proxy or of a zone's connection is issued; it is renewed 30 days before its end. */
export const TOKEN_DAYS: Limits = [31, 3650];
/** Days for which Konnect issues a zone's token. */
export const KONNECT_TOKEN_DAYS: Limits = [1, 365];
/** Seconds for which the zones of a wave have to stay online. */
export const SETTLE_SECONDS: Limits = [0, 3600];
