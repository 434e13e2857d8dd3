import { KumaError } from "../kuma";
import { POSTGRES_TLS_MODES, PostgresStore } from "../platforms/universal/postgresStore";
import type { StoreChoice } from "../platforms/universal/settings";
import { Section, wrong } from "./section";

/** The databases of a zone whose setting `store` says postgres. The password is in no setting. */
export function readPostgres(section: Section, store: StoreChoice): { postgres?: PostgresStore } {
  if (store !== "postgres") {
    if (!section.has("postgres")) return {};
    throw wrong(section.key("store"), store, "postgres where postgres is set as well");
  }
  const settings = section.section("postgres");
  settings.allowOnly([
    ...["host", "port", "user", "passwordVariable", "tlsMode", "caFile"],
    ...["database", "federatedDatabase"],
  ]);
  const tlsMode = settings.oneOf("tlsMode", POSTGRES_TLS_MODES, "disable");
  const caFile = settings.optionalText("caFile");
  if ((tlsMode === "verifyCa" || tlsMode === "verifyFull") && caFile === undefined) {
    throw wrong(
      settings.key("caFile"),
      caFile,
      `a file with the server's authority, as tlsMode is ${tlsMode}`,
    );
  }
  const postgres = {
    host: settings.optionalText("host") ?? "127.0.0.1",
    port: settings.optionalInteger("port", 1, 65_535) ?? 5432,
    user: settings.text("user"),
    passwordVariable: settings.optionalText("passwordVariable") ?? "KUMA_STORE_POSTGRES_PASSWORD",
    tlsMode,
    ...(caFile === undefined ? {} : { caFile }),
    database: settings.text("database"),
    federatedDatabase: settings.text("federatedDatabase"),
  };
  if (postgres.database === postgres.federatedDatabase) {
    throw new KumaError(
      "invalid",
      `The settings ${settings.key("database")} and ${settings.key("federatedDatabase")} name the same database; ` +
        `a zone cannot be federated in the one in which it ran alone.`,
    );
  }
  return { postgres };
}
