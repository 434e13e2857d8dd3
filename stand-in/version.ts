/** The Kuma release whose REST API and synchronisation rules the stand-in follows. */
export const KUMA_VERSION = "2.14.3";
