import * as assert from "node:assert/strict";
import { KongMeshValues, konnectValues } from "../../../platforms/konnect/kubernetesZone";

const ZONE = {
  zoneName: "zone-1",
  kdsAddress: "grpcs://eu.mesh.sync.konghq.com:443",
  controlPlaneId: "bf138ba2-c9b1-4229-b268-04d9d8a6410b",
  version: "2.14.3",
};
const LICENSE = { Env: "KMESH_LICENSE_INLINE", Secret: "kong-mesh-license", Key: "license" };
const TOKEN = { Env: "KMESH_MULTIZONE_ZONE_KDS_AUTH_CP_TOKEN_INLINE", Secret: "cp-token", Key: "token" };
const withControlPlane = (controlPlane: object): KongMeshValues =>
  ({ kuma: { controlPlane } }) as KongMeshValues;

describe("platforms/konnect: Helm values of a zone on Kubernetes", () => {
  it("are those that Kong documents", () => {
    assert.deepEqual(konnectValues(ZONE), {
      kuma: {
        controlPlane: {
          mode: "zone",
          zone: "zone-1",
          kdsGlobalAddress: "grpcs://eu.mesh.sync.konghq.com:443",
          konnect: { cpId: "bf138ba2-c9b1-4229-b268-04d9d8a6410b" },
          secrets: [TOKEN],
        },
        ingress: { enabled: true },
        egress: { enabled: true },
      },
    });
  });

  it("name no authority and do not switch verification off", () => {
    assert.doesNotMatch(JSON.stringify(konnectValues(ZONE)), /kdsZoneClient|skipVerify/i);
  });

  it("keep everything that the release has, and change nothing of what was given", () => {
    const installed = {
      other: 1,
      kuma: {
        nameOverride: "kong-mesh",
        controlPlane: {
          mode: "zone",
          replicas: 3,
          secrets: [LICENSE],
          tls: { general: { secretName: "general" }, kdsZoneClient: { secretName: "", skipVerify: false } },
        },
        ingress: { enabled: false, replicas: 2 },
      },
    };
    const before = structuredClone(installed);
    const values = konnectValues(ZONE, installed);
    assert.deepEqual(installed, before);
    const { controlPlane, ingress, nameOverride } = values.kuma ?? {};
    assert.deepEqual([values.other, nameOverride, controlPlane?.replicas], [1, "kong-mesh", 3]);
    assert.deepEqual(ingress, { enabled: true, replicas: 2 });
    assert.deepEqual(controlPlane?.secrets, [LICENSE, TOKEN]);
    assert.deepEqual(controlPlane?.tls, before.kuma.controlPlane.tls);
  });

  it("keep secrets in the form in which they are", () => {
    const object = konnectValues(ZONE, withControlPlane({ secrets: { license: LICENSE } }));
    assert.deepEqual(object.kuma?.controlPlane?.secrets, { license: LICENSE, cpToken: TOKEN });
    const none = konnectValues(ZONE, withControlPlane({ secrets: null }));
    assert.deepEqual(none.kuma?.controlPlane?.secrets, [TOKEN]);
  });

  it("name the token as the version wants it, in place of an older name, and are the same when made again", () => {
    const newer = konnectValues({ ...ZONE, version: "2.14.6" }, konnectValues(ZONE, withControlPlane({})));
    const renamed = { ...TOKEN, Env: "KUMA_MULTIZONE_ZONE_KDS_AUTH_TOKEN_INLINE" };
    assert.deepEqual(newer.kuma?.controlPlane?.secrets, [renamed]);
    assert.deepEqual(konnectValues({ ...ZONE, version: "2.14.6" }, newer), newer);
    const object = withControlPlane({ secrets: { old: TOKEN } });
    assert.deepEqual(konnectValues({ ...ZONE, version: "2.14.6" }, object).kuma?.controlPlane?.secrets, {
      cpToken: renamed,
    });
  });

  it("switch ingress and egress off where the stack says so", () => {
    const { ingress, egress } = konnectValues({ ...ZONE, ingress: false, egress: false }).kuma ?? {};
    assert.deepEqual([ingress, egress], [{ enabled: false }, { enabled: false }]);
  });
});
